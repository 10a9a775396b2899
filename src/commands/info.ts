import { connectionReport } from '../messaging/run/connection-report.js';
import { BaseCommand } from '../terminal/base-command.js';
import {
  connectionReportJson,
  connectionReportText,
} from '../terminal/text/connection-report-text.js';

export default class Info extends BaseCommand {
  static override summary = 'show the server, the account and the permissions of this user';
  static override description =
    'Shows the server, its limits, TLS, JetStream and its usage, and the permissions of the user if the server reports them (2.10 and newer).';
  static override examples = [
    { description: 'Where am I connected, and as whom?', command: '<%= config.bin %> info' },
    {
      description: "The server's largest payload, in bytes",
      command: '<%= config.bin %> info --json | jq .server.max_payload_bytes',
    },
  ];

  async run(): Promise<void> {
    await this.parse(Info);
    const request = {
      jsDomain: this.settings.get('jsDomain')?.value,
      jsApiPrefix: this.settings.get('jsApiPrefix')?.value,
      timeoutMs: this.timeoutMs,
    };
    const report = await this.withClient('goal', (client) => connectionReport(client, request));
    if (this.common.json) this.out.json(connectionReportJson(report));
    else this.out.text(connectionReportText(report, this.style));
    const { hint } = report.unknownUser;
    if (hint !== undefined) this.notices.notice(`hint: ${hint}`);
  }
}
