import type { NatsConnection } from '@nats-io/transport-node';

interface LinkState {
  readonly isUp: boolean;
  /** How often the connection was lost. */
  readonly losses: number;
}

/** Whether the connection stands. One that is closed for good counts as up: who asks through it learns so. */
export function followLink(port: Pick<NatsConnection, 'status'>): LinkState {
  const link = { isUp: true, losses: 0 };
  const heard = (type: string): void => {
    if (type === 'disconnect') link.losses += 1;
    if (type === 'disconnect' || type === 'reconnect') link.isUp = type === 'reconnect';
  };
  const follow = async (): Promise<void> => {
    for await (const { type } of port.status()) heard(type);
    link.isUp = true;
  };
  void follow();
  return link;
}
