import { BenchCommand } from '../../bench/console/command.js';
import {
  ackFlag,
  batchFlag,
  benchSubjectArg,
  bodyLoadFlags,
  consumingFlags,
  groupFlag,
  resultFlags,
  streamLoadFlags,
  useExistingFlag,
} from '../../bench/flags/flags.js';
import { SCENARIOS } from '../../bench/model/scenario.js';

export default class BenchJsConsume extends BenchCommand {
  static override summary = SCENARIOS['js-consume'].summary;
  static override description =
    'Fills a temporary stream first unless --stream names one; each pass then reads it with its own consumer. Several clients share the consumer.';
  static override examples = [
    {
      description: '200,000 messages without acknowledgements',
      command: '<%= config.bin %> bench js-consume --msgs 200k --ack none',
    },
    {
      description: 'Every message acknowledged, stream in memory',
      command: '<%= config.bin %> bench js-consume --msgs 200k --ack explicit --storage memory',
    },
  ];
  static override args = benchSubjectArg;
  static override flags = {
    ...consumingFlags,
    ...bodyLoadFlags,
    ...streamLoadFlags,
    subs: groupFlag(),
    ...ackFlag,
    ...useExistingFlag('read --stream even if that removes its messages'),
    ...batchFlag,
    ...resultFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(BenchJsConsume);
    await this.measureScenario('js-consume', args.subject, flags);
  }
}
