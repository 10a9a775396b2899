import type { StreamInfo } from '../../domain/jetstream/stream-info.js';
import type { JetStreamApi } from './jetstream-api.js';

interface ListPage {
  readonly total: number;
  readonly streams?: readonly StreamInfo[] | null;
}

/** All streams that answer, with their configuration and state. @throws as `request` */
export async function listStreams(api: JetStreamApi): Promise<readonly StreamInfo[]> {
  const streams: StreamInfo[] = [];
  for (;;) {
    const page = await api.request<ListPage>('STREAM.LIST', 'listing the streams', {
      offset: streams.length,
    });
    const more = page.streams ?? [];
    streams.push(...more);
    if (more.length === 0 || streams.length >= page.total) return streams;
  }
}
