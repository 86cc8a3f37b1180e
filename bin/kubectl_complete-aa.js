#!/usr/bin/env node
// What kubectl runs to complete `kubectl aa …`: src/main.ts looks at the name that it was started by.
require('./kubectl-aa.js');
