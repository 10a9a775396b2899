import * as Args from '@oclif/core/args';

import { BenchSaturateCommand } from '../../bench/console/saturate-command.js';
import {
  bodyLoadFlags,
  groupFlag,
  searchFlags,
  searchResultFlag,
  searchingFlags,
  streamLoadFlags,
  useExistingFlag,
  windowFlag,
} from '../../bench/flags/flags.js';
import { scenariosWhere } from '../../bench/model/scenario.js';

export default class BenchSaturate extends BenchSaturateCommand {
  static override summary = 'find the highest rate that meets an objective';
  static override description =
    'Doubles the rate while the objective is met and nothing is lost, then bisects. Plots latency against load, and reports the knee of the curve. Latencies count from the intended send time, so a system that falls behind cannot hide it.';
  static override examples = [
    { description: 'Publish to deliver', command: '<%= config.bin %> bench saturate' },
    {
      description: 'A service with its own objective',
      command: `<%= config.bin %> bench saturate request --slo 'p99<20ms' --max-time 30s`,
    },
  ];
  static override args = {
    scenario: Args.string({
      options: [...scenariosWhere(({ saturates }) => saturates === true)],
      default: 'pubsub',
      description: 'scenario to load',
      ignoreStdin: true,
    }),
    subject: Args.string({ description: 'subject [default: a unique one]', ignoreStdin: true }),
  };
  static override flags = {
    ...searchFlags,
    ...searchingFlags,
    ...bodyLoadFlags,
    ...windowFlag,
    ...streamLoadFlags,
    ...useExistingFlag('write into --stream even if it exists'),
    pubs: groupFlag('publishers'),
    subs: groupFlag('subscribers'),
    responders: groupFlag('connections that answer'),
    ...searchResultFlag,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchSaturate);
    await this.saturate(args, flags);
  }
}
