import type { StreamInfo } from '../../model/stream-info.js';
import { allPages, type Page } from '../../../connection/pages.js';
import type { JetStreamApi } from './jetstream-api.js';

interface ListPage extends Page {
  readonly streams?: readonly StreamInfo[] | null;
}

/** All streams that answer, with their configuration and state. @throws as `request` */
export async function listStreams(api: JetStreamApi): Promise<readonly StreamInfo[]> {
  const streams: StreamInfo[] = [];
  const pages = allPages<ListPage>({
    read: (offset) => api.request('STREAM.LIST', 'listing the streams', { offset }),
    size: (page) => (page.streams ?? []).length,
  });
  for await (const page of pages) streams.push(...(page.streams ?? []));
  return streams;
}
