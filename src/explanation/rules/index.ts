import type { Rule } from '../rule.ts';
import { answeredRules } from './answered.ts';
import { certificateRules } from './certificate.ts';
import { serverLogRules } from './server-log.ts';
import { authenticationRules } from './authentication.ts';
import { discoveryRules } from './discovery.ts';
import { hintRules } from './hints.ts';
import { impactRules } from './impact.ts';
import { outsideRules } from './outside.ts';
import { registrationRules } from './registration.ts';
import { unansweredRules } from './unanswered.ts';

/** Every message shape. Their order says nothing. */
export const rules: readonly Rule[] = [
  ...unansweredRules,
  ...certificateRules,
  ...serverLogRules,
  ...answeredRules,
  ...authenticationRules,
  ...registrationRules,
  ...discoveryRules,
  ...impactRules,
  ...outsideRules,
  ...hintRules,
];
