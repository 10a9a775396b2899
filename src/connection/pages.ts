/** What a server says of a list that it gives in pages. */
export interface Page {
  /** Entries of the whole list; absent where it is not given in pages. */
  readonly total?: number | undefined;
  /** The most entries of a page. */
  readonly limit?: number | undefined;
}

export interface Paging<P extends Page> {
  /** Undefined: there is no answer, and the list ends here; who reads has kept the reason. */
  readonly read: (offset: number) => Promise<P | undefined>;
  /** Entries of a page, for servers that do not say how long their pages are. */
  readonly size: (page: P) => number;
}

/**
 * Every page of a list, to its end. Steps by the page's own limit, not by what arrived: entries that did not answer leave
 * holes, and a page may consist of holes alone.
 */
export async function* allPages<P extends Page>({ read, size }: Paging<P>): AsyncGenerator<P> {
  let offset = 0;
  for (;;) {
    const page = await read(offset);
    if (page === undefined) return;
    yield page;
    const step = page.limit !== undefined && page.limit > 0 ? page.limit : size(page);
    offset += step;
    if (step === 0 || offset >= (page.total ?? 0)) return;
  }
}
