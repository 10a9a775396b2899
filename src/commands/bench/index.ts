import { BenchSuiteCommand } from '../../bench/console/suite-command.js';
import { suiteFlags } from '../../bench/flags/flags.js';

export default class Bench extends BenchSuiteCommand {
  static override summary = "measure the configured server's capacity: one table in half a minute";
  static override description =
    'Measures each way to use NATS for a short time: publish, deliver, fan-out, queue group, request and reply, and with JetStream publish and consume. Everything that it creates has a unique name and is removed afterwards. The commands below measure one scenario each, with more options.';
  static override examples = [
    { description: 'The configured server', command: '<%= config.bin %> bench' },
    {
      description: 'What a Node.js service would reach there',
      command: '<%= config.bin %> bench --engine client',
    },
    {
      description: 'Several scenarios at once, in stages, from a file',
      command: '<%= config.bin %> bench --plan plan.yaml',
    },
  ];
  static override flags = suiteFlags;

  async run(): Promise<void> {
    const { flags } = await this.parse(Bench);
    await this.measureSuite(flags);
  }
}
