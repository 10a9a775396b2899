import { changeStream } from '../../streams/run/manage/stream-edit.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { configFlag, readConfigInput } from '../../streams/console/config-input.js';
import { streamArg } from '../../streams/flags/jetstream-args.js';
import { streamConfigFlags } from '../../streams/flags/stream-config-flags.js';
import { confirmFlags, isConfirmed, requireConfirmation } from '../../terminal/confirm-flags.js';
import { usageError } from '../../core/errors.js';
import { editFailure } from '../../streams/model/config-outcome.js';
import { configFromFlags } from '../../streams/model/config-flags.js';
import { STREAM_FLAGS } from '../../streams/model/stream-config.js';
import { configOutcomeJson, configOutcomeText } from '../../streams/view/config-outcome-text.js';

export default class StreamEdit extends BaseCommand {
  static override summary = 'change settings of a stream';
  static override description =
    'Only what flags and file name is changed; all else stays, metadata too. Shows the differences and what messages they would cost, and applies them with --yes; without it the exit code is 2, with --dry-run 0.';
  static override examples = [
    {
      description: 'Keep messages for an hour only: look first',
      command: '<%= config.bin %> stream edit ORDERS --max-age 1h --dry-run',
    },
    {
      description: 'Do it',
      command: '<%= config.bin %> stream edit ORDERS --max-age 1h --yes',
    },
  ];
  static override args = streamArg;
  static override flags = {
    ...configFlag,
    ...streamConfigFlags,
    ...confirmFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(StreamEdit);
    const wish = {
      name: args.stream,
      flags: configFromFlags(STREAM_FLAGS, flags),
      file: await readConfigInput(flags.config, this.life.signal),
    };
    if (wish.file === undefined && Object.keys(wish.flags).length === 0) {
      throw usageError(
        'nothing says what to change',
        'give flags such as --max-age 1h, or --config FILE',
      );
    }
    const apply = isConfirmed(flags);
    const outcome = await this.withClient('goal', (client) =>
      changeStream(client, this.jetStream, { ...wish, apply }),
    );
    if (this.common.json) this.out.line(configOutcomeJson(outcome));
    else this.out.text(configOutcomeText(outcome, { style: this.style, width: this.out.width }));
    if (outcome.action === 'would-edit')
      requireConfirmation(flags, `the stream "${args.stream}" was not changed`);
    const failure = editFailure(outcome);
    if (failure !== undefined) throw failure;
  }
}
