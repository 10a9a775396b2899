import { changeStream } from '../../streams/run/manage/stream-edit.js';
import { printOutcome } from '../../streams/console/print-outcome.js';
import { answerNatscliFlags, natscliEditFlags } from '../../streams/flags/natscli-flags.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { configFlag, readConfigInput } from '../../streams/console/config-input.js';
import { streamArg } from '../../streams/flags/jetstream-args.js';
import { streamConfigFlags, streamEditFlags } from '../../streams/flags/stream-config-flags.js';
import { confirmFlags, isConfirmed, requireConfirmation } from '../../terminal/confirm-flags.js';
import { usageError } from '../../core/errors.js';
import { editFailure } from '../../streams/model/config-outcome.js';
import { streamConfigOf } from '../../streams/model/stream-config.js';

export default class StreamEdit extends BaseCommand {
  static override summary = 'change settings of a stream';
  static override description =
    'Changes only the given settings. Shows the differences and the messages that they would remove, and applies them with --yes. Without it, nothing is changed, and the exit code is 2, or 0 with --dry-run.';
  static override examples = [
    {
      description: 'See what a limit of one hour would remove',
      command: '<%= config.bin %> stream edit ORDERS --max-age 1h --dry-run',
    },
    {
      description: 'Apply it',
      command: '<%= config.bin %> stream edit ORDERS --max-age 1h --yes',
    },
  ];
  static override args = streamArg;
  static override flags = {
    ...configFlag,
    ...streamConfigFlags,
    ...streamEditFlags,
    ...confirmFlags,
    ...natscliEditFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(StreamEdit);
    const notice = answerNatscliFlags(flags, 'stream');
    if (notice !== undefined) this.notices.notice(notice);
    const wish = {
      name: args.stream,
      flags: streamConfigOf(flags),
      file: await readConfigInput(flags.config, this.life.signal),
    };
    if (wish.file === undefined && Object.keys(wish.flags).length === 0) {
      throw usageError('no setting is given', 'give flags such as --max-age 1h, or --config FILE');
    }
    const apply = isConfirmed(flags);
    const outcome = await this.withClient('goal', (client) =>
      changeStream(client, this.jetStream, { ...wish, apply }),
    );
    printOutcome(this.terminal, outcome);
    if (outcome.action === 'would-edit')
      requireConfirmation(flags, `the stream "${args.stream}" was not changed`);
    const failure = editFailure(outcome);
    if (failure !== undefined) throw failure;
  }
}
