import { describe, expect, it } from 'vitest';

import { compileSubjectMapping } from '../../../../src/core/subject/subject-mapping.js';

describe('a subject mapping', () => {
  it.each([
    [['orders.>=copy.orders.>'], 'orders.eu.new', 'copy.orders.eu.new'],
    [['orders.*.new=new.*'], 'orders.eu.new', 'new.eu'],
    [['*.*.>=x.*.y.*.>'], 'a.b.c.d', 'x.a.y.b.c.d'],
    [['>=all.>'], 'a.b', 'all.a.b'],
    [['a=b'], 'a', 'b'],
    [['a.>=one'], 'a.b', 'one'],
    [['a=b'], 'c', 'c'],
    [['a.b=first', 'a.>=second.>'], 'a.b', 'first'],
    [['a.b=first', 'a.>=second.>'], 'a.c', 'second.c'],
  ])('%j makes of %s: %s', (mappings, subject, mapped) => {
    expect(compileSubjectMapping(mappings)(subject)).toBe(mapped);
  });

  it.each(['a', 'a=b=c', 'a=b.*', 'a.*=b.>', 'a..b=c', '=b'])('refuses %s', (mapping) => {
    expect(() => compileSubjectMapping([mapping])).toThrow(/invalid|empty/);
  });
});
