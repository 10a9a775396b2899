import { makeStream } from '../../streams/run/manage/stream-create.js';
import { printChange } from '../../streams/console/print-change.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { configFlag, readConfigInput } from '../../streams/console/config-input.js';
import { isConfirmation } from '../../streams/model/config-outcome.js';
import { streamArg } from '../../streams/flags/jetstream-args.js';
import { streamConfigFlags } from '../../streams/flags/stream-config-flags.js';
import { NatsxError } from '../../core/errors.js';
import { configFromFlags } from '../../streams/model/config-flags.js';
import { STREAM_FLAGS, streamEditCommand } from '../../streams/model/stream-config.js';
import { configOutcomeJson, configOutcomeText } from '../../streams/view/config-outcome-text.js';

export default class StreamCreate extends BaseCommand {
  static override aliases = ['stream:add'];
  static override summary = 'create a stream';
  static override description =
    'Settings are flags, or a JSON file in the format of the server ("stream info --json" prints it). An existing stream is never changed: if it has the same settings, the exit code is 0; otherwise, the differences are shown, and the exit code is 8.';
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
    printChange(this.terminal, {
      done: isConfirmation(outcome),
      json: configOutcomeJson(outcome),
      text: (view) => configOutcomeText(outcome, view),
    });
    if (outcome.action !== 'different') return;
    throw new NatsxError('rejected', `the stream "${args.stream}" exists with other settings`, {
      hint: `to change it: ${streamEditCommand(args.stream, outcome.changes)}`,
      details: { stream: args.stream, changes: outcome.changes.length },
    });
  }
}
