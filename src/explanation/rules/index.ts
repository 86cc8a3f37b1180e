import type { Rule } from '../rule.ts';
import { accessLogRules } from './access-log.ts';
import { answeredRules } from './answered.ts';
import { authenticationRules } from './authentication.ts';
import { certificateRules } from './certificate.ts';
import { discoveryRules } from './discovery.ts';
import { elsewhereRules } from './elsewhere.ts';
import { hintRules } from './hints.ts';
import { impactRules } from './impact.ts';
import { notFoundRules } from './not-found.ts';
import { openApiRules } from './openapi.ts';
import { outsideRules } from './outside.ts';
import { permissionRules } from './permissions.ts';
import { proseRules } from './prose.ts';
import { registrationRules } from './registration.ts';
import { serverLogRules } from './server-log.ts';
import { unansweredRules } from './unanswered.ts';

/** Every message shape. Their order says nothing. */
export const rules: readonly Rule[] = [
  ...unansweredRules,
  ...certificateRules,
  ...serverLogRules,
  ...answeredRules,
  ...authenticationRules,
  ...permissionRules,
  ...registrationRules,
  ...discoveryRules,
  ...impactRules,
  ...outsideRules,
  ...accessLogRules,
  ...elsewhereRules,
  ...notFoundRules,
  ...openApiRules,
  ...proseRules,
  ...hintRules,
];
