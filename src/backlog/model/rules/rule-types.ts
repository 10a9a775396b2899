import type { Finding } from '../../../core/findings/finding.js';
import type { Rule } from '../../../core/findings/rule.js';
import type { ConsumerFacts } from '../consumer-facts.js';
import type { FindingId } from '../finding-id.js';

/** A rule about one consumer that answered. */
export type ConsumerRule = Rule<ConsumerFacts, FindingId>;

/** A finding of a backlog report. */
export type BacklogFinding = Finding<FindingId>;
