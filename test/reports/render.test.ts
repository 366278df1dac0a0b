import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/reports/ledger.ts';
import { render } from '../../src/reports/render.ts';
import { reportOf } from '../../src/reports/report.ts';

const entry = (text: string, more: Partial<Entry> = {}): Entry => ({
  ...{ kind: 'people', id: text, mark: '', text, since: 0, isTold: false, wasTold: false, ...more },
});
const news = { kind: 'people', began: [], changed: [], over: [], passed: [], still: 0 } as const;

describe('a report', () => {
  it('is the same as text and as HTML', () => {
    const held = entry('half of #eng', { command: 'usher approve 0a1b2c3d' });
    expect(render(reportOf({ ...news, kind: 'held', began: [held], still: 2 }))).toEqual({
      title: 'Held until somebody decides',
      text: [
        ...['Held until somebody decides', '', '- half of #eng: usher approve 0a1b2c3d', ''],
        '- As told before: 2: usher held',
      ].join('\n'),
      html: [
        '<p><strong>Held until somebody decides</strong></p>',
        '<ul><li>half of #eng: <code>usher approve 0a1b2c3d</code></li></ul>',
        '<ul><li>As told before: 2: <code>usher held</code></li></ul>',
      ].join(''),
    });
  });

  it.each([
    ['<img src=x onerror=alert(1)>', '&lt;img src=x onerror=alert(1)&gt;'],
    [`"&'`, '&quot;&amp;&#39;'],
    ['</li><li>forged', '&lt;/li&gt;&lt;li&gt;forged'],
  ])('has nothing in its HTML that others wrote: %s', (name, escaped) => {
    const { html, text } = render(reportOf({ ...news, began: [entry(name)] }));
    expect(html).toBe(`<p><strong>Not as they should be</strong></p><ul><li>${escaped}</li></ul>`);
    expect(text).toContain(name);
  });

  it('has one line for each, whatever ends or turns a line in a name', () => {
    const { text } = render(reportOf({ ...news, began: [entry('a\n- b\u2028c\u202ed\r\u0007')] }));
    expect(text.split(/[\n\r\u2028]/)).toHaveLength(3);
    for (const active of ['\u202e', '\u0007']) expect(text).not.toContain(active);
  });

  it('fits into an event of Matrix, however long and hostile all of it is', () => {
    const many = Array.from({ length: 100 }, (_, index) => entry(`${index}${'"'.repeat(5_000)}`));
    const wide = many.map((each) => ({ ...each, text: '\u{1f600}&"'.repeat(2_000), until: 1 }));
    for (const some of [many, wide]) {
      const all = { ...news, began: some, changed: some, over: some, passed: some, still: 9 };
      const { text, html } = render(reportOf(all));
      const content = {
        msgtype: 'm.notice',
        body: text,
        format: 'org.matrix.custom.html',
        formatted_body: html,
      };
      expect(Buffer.byteLength(JSON.stringify(content))).toBeLessThan(64_000);
      expect(text.isWellFormed()).toBe(true);
    }
  });
});
