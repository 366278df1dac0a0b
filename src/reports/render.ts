import type { Notice } from '../matrix/homeserver.ts';
import { oneLine } from '../plan/legible.ts';
import type { Line, Report } from './report.ts';

/** A report as it is sent: the same as text and as HTML (Matrix spec, "m.room.message msgtypes", formatted_body). */
export type Rendered = Notice & { readonly title: string };

/** Of one line: an event may have 65,536 bytes, and a letter becomes six of them in HTML. */
const LONGEST = 300;

export function render({ title, sections }: Report): Rendered {
  const heading = legible(title);
  const text = [heading];
  const html = [`<p><strong>${escaped(heading)}</strong></p>`];
  for (const section of sections) {
    text.push('');
    if (section.heading !== undefined) {
      text.push(`${section.heading}:`);
      html.push(`<p>${escaped(section.heading)}:</p>`);
    }
    for (const line of section.lines) text.push(`- ${inText(line)}`);
    html.push(`<ul>${section.lines.map((line) => `<li>${inHtml(line)}</li>`).join('')}</ul>`);
    if (section.more !== undefined) {
      text.push(inText(section.more));
      html.push(`<p>${inHtml(section.more)}</p>`);
    }
  }
  return { title: heading, text: text.join('\n'), html: html.join('') };
}

function inText({ text, command }: Line): string {
  return command === undefined ? legible(text) : `${legible(text)}: ${command}`;
}

function inHtml({ text, command }: Line): string {
  const line = escaped(legible(text));
  return command === undefined ? line : `${line}: <code>${escaped(command)}</code>`;
}

/** Names that others chose may be in it. */
function legible(text: string): string {
  const line = oneLine(text.replaceAll('\n', '; '));
  return line.length > LONGEST ? `${line.slice(0, LONGEST).toWellFormed()}…` : line;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
