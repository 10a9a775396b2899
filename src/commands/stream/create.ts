import { makeStream } from '../../streams/run/manage/stream-create.js';
import { printOutcome } from '../../streams/console/print-outcome.js';
import { answerNatscliFlags, natscliCreateFlags } from '../../streams/flags/natscli-flags.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { configFlag, dryRunFlag, readConfigInput } from '../../streams/console/config-input.js';
import { streamArg } from '../../streams/flags/jetstream-args.js';
import { streamConfigFlags } from '../../streams/flags/stream-config-flags.js';
import { existsDifferently } from '../../streams/model/config-outcome.js';
import { streamConfigOf, streamEditCommand } from '../../streams/model/stream-config.js';

export default class StreamCreate extends BaseCommand {
  static override aliases = ['stream:add'];
  static override summary = 'create a stream';
  static override description =
    'Settings are given as flags, or in a JSON file in the format of the server ("stream info --json" prints it). An existing stream is never changed: if it has the same settings, the exit code is 0; otherwise, the differences are shown, and the exit code is 8.';
  static override examples = [
    {
      description: 'Keep all orders for a week, in files',
      command: "<%= config.bin %> stream create ORDERS --subjects 'orders.>' --max-age 7d",
    },
    {
      description: 'From a file, with an additional limit',
      command: '<%= config.bin %> stream create INVOICES --config invoices.json --max-msgs 1M',
    },
  ];
  static override args = streamArg;
  static override flags = {
    ...configFlag,
    ...streamConfigFlags,
    ...dryRunFlag,
    ...natscliCreateFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(StreamCreate);
    const notice = answerNatscliFlags(flags, 'stream');
    if (notice !== undefined) this.notices.notice(notice);
    const wish = {
      name: args.stream,
      flags: streamConfigOf(flags),
      file: await readConfigInput(flags.config, this.life.signal),
    };
    const outcome = await this.withClient('goal', (client) =>
      makeStream(client, this.jetStream, { ...wish, apply: !flags['dry-run'] }),
    );
    printOutcome(this.terminal, outcome);
    if (outcome.action === 'different')
      throw existsDifferently(outcome, streamEditCommand(args.stream, outcome.changes));
  }
}
