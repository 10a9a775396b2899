import * as Args from '@oclif/core/args';

import { BaseCommand } from '../../terminal/base-command.js';
import { confirmFlags, isConfirmed, requireConfirmation } from '../../terminal/confirm-flags.js';
import { jsonText } from '../../core/message/payload-json.js';
import { parsePublishSubject } from '../../core/subject/subject.js';
import { printChange } from '../../streams/console/print-change.js';
import { streamArg } from '../../streams/flags/jetstream-args.js';
import { cancelSchedule } from '../../streams/run/manage/schedules.js';
import { scheduleCancelJson, scheduleCancelText } from '../../streams/view/schedule-text.js';

export default class ScheduleCancel extends BaseCommand {
  static override summary = 'cancel a scheduled message';
  static override description =
    'Shows the schedule, and removes it from the stream with --yes. Without it, nothing is removed, and the exit code is 2, or 0 with --dry-run. What it has published already stays. If there is no schedule on the subject, the exit code is 7.';
  static override examples = [
    {
      description: 'See what would be cancelled',
      command: '<%= config.bin %> schedule cancel ORDERS schedules.report --dry-run',
    },
    {
      description: 'Cancel the schedule on a subject',
      command: '<%= config.bin %> schedule cancel ORDERS schedules.report --yes',
    },
  ];
  static override args = {
    ...streamArg,
    subject: Args.string({
      description: 'subject of the schedule itself, not its target',
      required: true,
      ignoreStdin: true,
      // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
      parse: async (text) => parsePublishSubject(text),
    }),
  };
  static override flags = confirmFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ScheduleCancel);
    const { stream, subject } = args;
    const done = isConfirmed(flags);
    const schedule = await this.withClient('goal', (client) =>
      cancelSchedule(client, this.jetStream, { stream, subject, apply: done }),
    );
    printChange(this.terminal, {
      done,
      json: jsonText(scheduleCancelJson(schedule, done)),
      text: () => scheduleCancelText(schedule, done),
    });
    requireConfirmation(flags, `the schedule on "${subject}" was not cancelled`);
  }
}
