import * as Flags from '@oclif/core/flags';

import { BenchSuiteCommand } from '../../bench/console/suite-command.js';
import { durationFlag } from '../../terminal/flag-types.js';

export default class Bench extends BenchSuiteCommand {
  static override summary = 'measure what the server in force carries: one table in half a minute';
  static override description =
    'Measures each way to use NATS for a short time: publish, deliver, fan-out, queue group, request and reply, and with JetStream publish and consume. Everything that it creates has its own name and is removed afterwards. For more of one of them, see the scenarios below.';
  static override examples = [
    { description: 'The server in force', command: '<%= config.bin %> bench' },
    {
      description: 'What a Node service would reach there',
      command: '<%= config.bin %> bench --engine client',
    },
  ];
  static override flags = {
    engine: Flags.option({
      options: ['wire', 'client'] as const,
      summary: 'frames straight onto the socket (default), or through the @nats-io client',
      helpGroup: 'LOAD',
    })(),
    size: Flags.string({
      helpValue: '<size>',
      summary: 'size of the bodies [default: 128]',
      helpGroup: 'LOAD',
    }),
    duration: durationFlag({
      summary: 'time for each scenario [default: 1.2s]',
      helpGroup: 'LOAD',
    }),
    repeat: Flags.integer({
      summary: 'measure each so often, to see the noise [default: 1]',
      helpGroup: 'LOAD',
    }),
    csv: Flags.string({
      helpValue: '<file>',
      summary: 'write CSV; - is stdout',
      helpGroup: 'RESULT',
    }),
    save: Flags.string({
      helpValue: '<file>',
      summary: 'write the reports, for bench compare',
      helpGroup: 'RESULT',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Bench);
    const { runBench } = await import('../../bench/run/engine.js');
    const { runSuite } = await import('../../bench/run/suite-run.js');
    await this.measureSuite(flags, (entries, options, onEntry) =>
      runSuite({ entries, onEntry }, runBench, options),
    );
  }
}
