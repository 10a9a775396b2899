import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { BenchSaturateCommand } from '../../bench/console/saturate-command.js';
import {
  bodyLoadFlags,
  searchingFlags,
  streamLoadFlags,
  useExistingFlag,
  windowFlag,
} from '../../bench/flags/flags.js';
import { durationFlag, rateFlag } from '../../terminal/flag-types.js';

export default class BenchSaturate extends BenchSaturateCommand {
  static override summary = 'find the highest rate that holds an objective';
  static override description =
    'Doubles the rate while the objective holds and nothing is lost, then bisects, and draws the latency against the load with its knee. Latencies count from the intended send time, so a system that falls behind cannot hide it.';
  static override examples = [
    { description: 'Publish to deliver', command: '<%= config.bin %> bench saturate' },
    {
      description: 'A service with an objective of its own',
      command: `<%= config.bin %> bench saturate request --slo 'p99<20ms' --max-time 30s`,
    },
  ];
  static override args = {
    scenario: Args.string({
      options: ['pubsub', 'queue', 'request', 'js-pub'],
      default: 'pubsub',
      description: 'what to load',
      ignoreStdin: true,
    }),
    subject: Args.string({ description: 'subject; an own one when left out', ignoreStdin: true }),
  };
  static override flags = {
    slo: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: '<comparison>',
      summary: "what must hold; repeat it for several [default: 'p99<5ms']",
      helpGroup: 'SEARCH',
    }),
    'max-time': durationFlag({ summary: 'time for the search [default: 1m]', helpGroup: 'SEARCH' }),
    'start-rate': rateFlag({ summary: 'first rate to try [default: 10k]', helpGroup: 'SEARCH' }),
    'max-rate': rateFlag({ summary: 'never ask for more', helpGroup: 'SEARCH' }),
    ...searchingFlags,
    ...bodyLoadFlags,
    ...windowFlag,
    ...streamLoadFlags,
    ...useExistingFlag,
    pubs: Flags.integer({ summary: 'publishers', helpGroup: 'LOAD' }),
    subs: Flags.integer({ summary: 'subscribers', helpGroup: 'LOAD' }),
    responders: Flags.integer({ summary: 'connections that answer', helpGroup: 'LOAD' }),
    save: Flags.string({
      helpValue: '<file>',
      summary: 'write the result as JSON',
      helpGroup: 'RESULT',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchSaturate);
    const { runBench } = await import('../../bench/run/engine.js');
    const { findSaturation } = await import('../../bench/run/saturation.js');
    await this.saturate(args, flags, (request, options) =>
      findSaturation(request, runBench, options),
    );
  }
}
