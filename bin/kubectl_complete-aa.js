#!/usr/bin/env node
// What kubectl runs to complete `kubectl aa …`: src/main.ts looks at the name that it was started by.
// eslint-disable-next-line import/no-unassigned-import -- it runs when it is loaded
require('./kubectl-aa.js');
