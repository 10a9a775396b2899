/** How a value, a row or a whole report is judged; each has its own word and colour. */
export type Tone = 'good' | 'info' | 'warn' | 'bad' | 'unknown' | 'plain';
