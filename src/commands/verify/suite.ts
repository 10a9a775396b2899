import * as Flags from '@oclif/core/flags';

import { runPromises } from '../../verify/run/run-suite.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { countFlag } from '../../terminal/flag-types.js';
import { patient, showSuite, suiteFailure, watchSuite } from '../../verify/console/output.js';
import { suiteLoad } from '../../verify/model/suite.js';

const DEFAULT_SEED = 1;
const DEFAULT_MESSAGES = 1_000;

export default class VerifySuite extends BaseCommand {
  static override summary = 'check each delivery guarantee under each fault, in one table';
  static override description = `Tests at most once (core NATS), at least once, exactly once and order (streams), each without a fault, and while connections are cut, held, delayed, limited, read slowly and reset by proxies inside natsx. Each run uses its own subject or stream, which is removed afterwards. docs/faults.md defines the promises.

Exit code 0: all promises were kept. Exit code 9: at least one was broken, or not proven.`;
  static override examples = [
    {
      description: 'All promises of the configured server',
      command: '<%= config.bin %> verify suite',
    },
    {
      description: 'A quick one for CI, as JSON',
      command: '<%= config.bin %> verify suite --msgs 100 --json',
    },
  ];
  static override flags = {
    msgs: countFlag({ summary: 'messages in each run [default: 1000]' }),
    storage: Flags.option({
      options: ['file', 'memory'] as const,
      summary: 'storage of the streams',
      default: 'file' as const,
    })(),
    replicas: Flags.integer({ summary: 'replicas of the streams', default: 1, min: 1, max: 5 }),
    'fault-seed': Flags.integer({
      helpValue: '<number>',
      summary: 'seed of the faults [default: 1]',
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(VerifySuite);
    const seed = flags['fault-seed'] ?? DEFAULT_SEED;
    const plan = {
      load: suiteLoad(flags.msgs ?? DEFAULT_MESSAGES, seed),
      seed,
      storage: flags.storage,
      replicas: flags.replicas,
      timeoutMs: this.timeoutMs,
      jetStream: this.jetStream,
    };
    const target = this.target(patient(this.policy('endless', 'reported')));
    const hooks = watchSuite(this.notices);
    const report = await runPromises(target, plan, hooks, this.life.signal).finally(hooks.end);
    showSuite(this.terminal, report);
    this.failIfInterrupted('the suite was complete');
    const failure = suiteFailure(report);
    if (failure !== undefined) throw failure;
  }
}
