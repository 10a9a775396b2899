import { makeStream } from '../../streams/run/manage/stream-create.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { configFlag, readConfigInput } from '../../streams/console/config-input.js';
import { streamArg } from '../../streams/flags/jetstream-args.js';
import { streamConfigFlags } from '../../streams/flags/stream-config-flags.js';
import { NatsxError } from '../../core/errors.js';
import { configFromFlags } from '../../streams/model/config-flags.js';
import { STREAM_FLAGS, streamEditCommand } from '../../streams/model/stream-config.js';
import { configOutcomeJson, configOutcomeText } from '../../streams/view/config-outcome-text.js';

export default class StreamCreate extends BaseCommand {
  static override aliases = ['stream:add'];
  static override summary = 'make a stream';
  static override description =
    'Settings come from flags, or from a JSON file in the server\'s own shape (what "stream info --json" prints will do). A stream of that name that exists is never changed: when it is the same the exit code is 0, when it differs the differences are shown and the exit code is 8.';
  static override examples = [
    {
      description: 'Keep all orders for a week, in files',
      command: "<%= config.bin %> stream create ORDERS --subjects 'orders.>' --max-age 7d",
    },
    {
      description: 'From a file, with a limit on top',
      command: '<%= config.bin %> stream create INVOICES --config invoices.json --max-msgs 1M',
    },
  ];
  static override args = streamArg;
  static override flags = { ...configFlag, ...streamConfigFlags };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(StreamCreate);
    const wish = {
      name: args.stream,
      flags: configFromFlags(STREAM_FLAGS, flags),
      file: await readConfigInput(flags.config, this.life.signal),
    };
    const outcome = await this.withClient('goal', (client) =>
      makeStream(client, this.jetStream, wish),
    );
    if (this.common.json) this.out.line(configOutcomeJson(outcome));
    else this.out.text(configOutcomeText(outcome, { style: this.style, width: this.out.width }));
    if (outcome.action !== 'different') return;
    throw new NatsxError('rejected', `the stream "${args.stream}" exists and is different`, {
      hint: `look at the differences, then: ${streamEditCommand(args.stream, outcome.changes)}`,
      details: { stream: args.stream, changes: outcome.changes.length },
    });
  }
}
