import { AgentCommand } from '../../bench/console/agent-command.js';
import { agentFlags } from '../../bench/flags/flags.js';

export default class BenchAgent extends AgentCommand {
  static override summary = 'run load from this machine for a coordinator elsewhere';
  static override description =
    'Waits for work on the control server, one run at a time, and connects to a server under test only during a run. The coordinator is any bench command with --agents and the same --control-server or --control-context. Only servers of --allow-server are loaded. An agent is a NATS micro service with the name natsx-bench-agent.';
  static override examples = [
    {
      description: 'The server under test is also the server on which the agent is found',
      command: '<%= config.bin %> bench agent --allow-server nats://127.0.0.1:4222',
    },
    {
      description: 'Two servers may be loaded; the coordinator can choose the agent by its label',
      command:
        '<%= config.bin %> bench agent --allow-server nats://n1:4222 --allow-server nats://n2:4222 --label zone=a',
    },
  ];
  static override flags = agentFlags;

  async run(): Promise<void> {
    const { flags } = await this.parse(BenchAgent);
    await this.serve(flags);
  }
}
