import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { backlogReport } from '../../backlog/run/backlog.js';
import { backlogRequest, backlogReadingFlags } from '../../backlog/flags/options.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { checkFailure, endWithStatus } from '../../backlog/console/check-status.js';
import { serverFlags, withServers } from '../../backlog/console/server-flags.js';
import { checkReport, unknownCheck, type CheckResult } from '../../backlog/model/check.js';
import { parseFailCondition } from '../../backlog/model/fail-condition.js';

export default class BacklogCheck extends BaseCommand {
  static override summary = 'check consumers as a Nagios plugin';
  static override description = `Prints one line with figures and exits with 0 (OK), 1 (WARNING), 2 (CRITICAL) or 3 (UNKNOWN: no result, including when the server cannot be reached or a flag is wrong). These are Nagios' exit codes, not natsx's usual ones.

The result is the worst of the verdict, the limits given here, and those in the consumer's metadata (io.nats.monitor.*).`;
  static override examples = [
    { description: 'Check a consumer', command: '<%= config.bin %> backlog check ORDERS billing' },
    {
      description: 'With your own limits',
      command:
        "<%= config.bin %> backlog check ORDERS billing --warning 'age>1m' --critical 'age>10m'",
    },
  ];
  static override args = {
    stream: Args.string({
      description: 'stream, or a pattern [default: the whole account]',
      ignoreStdin: true,
    }),
    consumer: Args.string({
      description: 'consumer, or a pattern [default: all]',
      ignoreStdin: true,
    }),
  };
  static override flags = {
    ...backlogReadingFlags,
    ...serverFlags,
    warning: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: '<comparison>',
      summary: "report WARNING if a consumer meets this condition, such as 'backlog>1000'",
    }),
    critical: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: '<comparison>',
      summary: "report CRITICAL if a consumer meets this condition, such as 'age>5m'",
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BacklogCheck);
    const request = backlogRequest(args, flags, this.jetStream);
    const limits = {
      warning: (flags.warning ?? []).map(parseFailCondition),
      critical: (flags.critical ?? []).map(parseFailCondition),
    };
    const report = await this.withClient('goal', (client, signal) =>
      withServers(
        flags,
        { contexts: this.contexts.store, timeoutMs: this.timeoutMs, signal },
        (servers) => backlogReport(client.connection, request, signal, { servers }),
      ),
    );
    this.#end(checkReport(report, limits), this.common.json === true);
  }

  protected override async catch(error: Error): Promise<void> {
    const failure = checkFailure(error);
    if (failure === undefined) return super.catch(error);
    this.#end(unknownCheck(failure), this.argv.includes('--json'));
  }

  #end(result: CheckResult, asJson: boolean): void {
    if (asJson) this.out.json(result);
    else this.out.text([result.line, ...result.problems.slice(1), ''].join('\n'));
    endWithStatus(result.status);
  }
}
