import { pause } from '../../streams/run/manage/consumer-control.js';
import { printChange } from '../../streams/console/print-change.js';
import { usageError } from '../../core/errors.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { confirmFlags, isConfirmed, requireConfirmation } from '../../terminal/confirm-flags.js';
import { consumerArg, streamArg } from '../../streams/flags/jetstream-args.js';
import { untilArg, untilFlag } from '../../streams/flags/until-flag.js';
import { jsonText } from '../../core/message/payload-json.js';
import { consumerChangeJson, consumerChangeText } from '../../streams/view/consumer-change-text.js';

export default class ConsumerPause extends BaseCommand {
  static override summary = 'pause the delivery of messages to a consumer';
  static override description =
    'Messages wait until the pause ends. Without --yes, nothing is changed, and the exit code is 2, or 0 with --dry-run. Needs server 2.11 or newer.';
  static override examples = [
    {
      description: 'Pause billing for an hour',
      command: '<%= config.bin %> consumer pause ORDERS billing --until 1h --yes',
    },
    {
      description: 'Until a time, from a script',
      command:
        '<%= config.bin %> consumer pause ORDERS billing --until 2030-01-31T08:00:00Z --yes --json',
    },
  ];
  static override args = { ...streamArg, ...consumerArg, ...untilArg };
  static override flags = {
    ...confirmFlags,
    until: untilFlag({
      summary: 'end of the pause: how long from now (1h), or a time (2026-01-31T08:00:00Z)',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ConsumerPause);
    const until = flags.until ?? args.until;
    if (until === undefined) {
      throw usageError(
        'no end of the pause is given',
        `add how long or until when: natsx consumer pause ${args.stream} ${args.consumer} --until 1h`,
      );
    }
    const target = {
      stream: args.stream,
      consumer: args.consumer,
      scope: this.jetStream,
      apply: isConfirmed(flags),
    };
    const change = await this.withClient('goal', ({ connection }) =>
      pause(connection, target, until),
    );
    printChange(this.terminal, {
      done: change.applied,
      json: jsonText(consumerChangeJson(change)),
      text: ({ style }) => consumerChangeText(change, style),
    });
    requireConfirmation(flags, `the consumer "${args.consumer}" was not paused`);
  }
}
