import { copyStream } from '../../streams/run/manage/stream-copy.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { dryRunFlag } from '../../streams/console/config-input.js';
import { printOutcome } from '../../streams/console/print-outcome.js';
import { newStreamArg, streamArg } from '../../streams/flags/jetstream-args.js';
import { streamConfigFlags } from '../../streams/flags/stream-config-flags.js';
import { existsDifferently } from '../../streams/model/config-outcome.js';
import { streamConfigOf, streamEditCommand } from '../../streams/model/stream-config.js';

export default class StreamCopy extends BaseCommand {
  static override summary = 'create a stream with the settings of another one';
  static override description =
    'Copies the configuration, but not the messages or the consumers; flags override settings. Two streams of an account cannot store the same subject, so --subjects is usually needed. To copy messages as well, use --source on stream create, or record and replay.';
  static override examples = [
    {
      description: 'A stream for tests, with the limits of ORDERS',
      command: "<%= config.bin %> stream copy ORDERS ORDERS-TEST --subjects 'test.orders.>'",
    },
    {
      description: 'See its settings first',
      command:
        "<%= config.bin %> stream copy ORDERS ORDERS-TEST --subjects 'test.orders.>' --dry-run",
    },
  ];
  static override args = { ...streamArg, ...newStreamArg };
  static override flags = { ...streamConfigFlags, ...dryRunFlag };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(StreamCopy);
    const wish = {
      from: args.stream,
      name: args.destination,
      flags: streamConfigOf(flags),
      apply: !flags['dry-run'],
    };
    const outcome = await this.withClient('goal', (client) =>
      copyStream(client, this.jetStream, wish),
    );
    printOutcome(this.terminal, outcome);
    if (outcome.action === 'created')
      this.notices.notice(`the messages of ${args.stream} were not copied`);
    if (outcome.action === 'different')
      throw existsDifferently(outcome, streamEditCommand(args.destination, outcome.changes));
  }
}
