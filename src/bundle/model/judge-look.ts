import { diagnose } from '../../backlog/model/diagnose.js';
import { withoutOwnCommand } from '../../backlog/model/own-command.js';
import type { BacklogReport } from '../../backlog/model/report.js';
import type { BacklogRequest } from '../../backlog/model/request.js';
import { quoted } from '../../core/printable.js';
import { audit, type AuditTerms } from '../../doctor/model/audit.js';
import type { AuditReport } from '../../doctor/model/report.js';
import { chosenWindow } from '../../history/model/chosen-window.js';
import { unknownRecorded } from '../../history/model/moment.js';
import type { Look } from './look.js';

/** What `natsx doctor` judges by if no flag says anything else. */
const USUAL_TERMS: AuditTerms = {
  choices: { ordered: new Set(), retriesTakeMs: 30_000 },
  ignored: new Set(),
};

/**
 * What `natsx backlog` would have reported then.
 *
 * @throws {NatsxError} not-found — nothing in it has such a name, pattern or subject
 */
export function backlogOfLook({ window }: Look, request: BacklogRequest): BacklogReport {
  const { windowMs } = window;
  const report = diagnose(chosenWindow(window, request, 'bundle'));
  return withoutOwnCommand(report, { ...request, windowMs });
}

/** The same for the whole account. */
export function wholeBacklogOfLook({ window }: Look): BacklogReport {
  return diagnose(window);
}

/**
 * What `natsx doctor` would have reported then.
 *
 * @param streams empty: all
 * @throws {NatsxError} not-found — it has no such stream
 */
export function auditOfLook(
  { window, audit: beside }: Look,
  streams: readonly string[] = [],
  terms: AuditTerms = USUAL_TERMS,
): AuditReport {
  const known = window.streams.map(({ name }) => name);
  for (const name of [...streams, ...terms.choices.ordered]) {
    if (known.includes(name)) continue;
    throw unknownRecorded(`the bundle has no stream ${quoted(name)}`, name, known);
  }
  const wanted = new Set(streams);
  const scan = {
    ...window,
    streams: window.streams.filter(({ name }) => wanted.size === 0 || wanted.has(name)),
    // Servers that did not answer are listed with the settings that are unknown because of it; closed connections
    // are not audited.
    missing: window.missing.filter(
      ({ kind }) => kind !== 'servers' && kind !== 'closed-connections',
    ),
  };
  return audit({ ...beside, scan, wholeAccount: wanted.size === 0 }, terms);
}
