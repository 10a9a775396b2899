import { parseDurationMs } from '../../core/values/duration.js';
import type { BacklogReport } from './report.js';
import type { BacklogRequest } from './request.js';
import type { BacklogFinding } from './rules/rule-types.js';
import { shellWord } from '../../core/printable.js';

/**
 * The report without advice to run the command that is already running; for longer is advised only where nothing else
 * is.
 */
export function withoutOwnCommand(
  report: BacklogReport,
  request: BacklogRequest,
  isWatching = false,
): BacklogReport {
  const { stream, consumer, coreOnly, taps, windowMs } = request;
  if (stream === undefined && !coreOnly) return report;
  const names = [stream, consumer].flatMap((name) => (name === undefined ? [] : [shellWord(name)]));
  const own = ['natsx backlog', ...(coreOnly ? ['--core'] : names)].join(' ');
  const flags = [...(taps ? ['--taps'] : []), ...(isWatching ? ['--watch'] : [])];
  const isLonger = (command: string): boolean => {
    const [flag, value = ''] = command.slice(own.length + 1).split(' ');
    return flag === '--window' && parseDurationMs(value) > windowMs;
  };
  const isOwn = (command: string): boolean => {
    if (command === own) return true;
    if (!command.startsWith(`${own} --`)) return false;
    const [flag = ''] = command.slice(own.length + 1).split(' ');
    return flag === '--window' || flags.includes(flag);
  };
  const useful = (remedy: readonly string[]): readonly string[] => {
    const others = remedy.filter((command) => !isOwn(command));
    return others.length > 0
      ? others
      : remedy.filter((command) => isOwn(command) && isLonger(command));
  };
  const trim = <Judged extends { readonly findings: readonly BacklogFinding[] }>(
    judged: Judged,
  ): Judged => ({
    ...judged,
    findings: judged.findings.map((finding) => ({
      ...finding,
      remedy: useful(finding.remedy),
    })),
  });
  return {
    ...report,
    account: trim(report.account),
    streams: report.streams.map((one) => ({
      ...trim(one),
      consumers: one.consumers.map(trim),
    })),
    connections: report.connections.map(trim),
  };
}
