import { lexer, type Token, type Tokens } from "marked";
import { type ReactNode, useMemo } from "react";
import { CodeBlock } from "./CodeBlock";

// What a model writes, as elements of ours. No text of it ever becomes HTML: tags are shown as they
// were written, pictures are words, and only addresses of the web and of mail become links.
export function Markdown({ text }: { text: string }) {
  const tokens = useMemo(() => lexer(text, { gfm: true, breaks: true }), [text]);
  return <div className="prose-salus">{all(tokens)}</div>;
}

function all(tokens: readonly Token[] | undefined): ReactNode[] {
  // biome-ignore lint/suspicious/noArrayIndexKey: the tokens of a text have no other name
  return (tokens ?? []).map((token, index) => <One key={index} token={token as Token} />);
}

function One({ token }: { token: Token }): ReactNode {
  switch (token.type) {
    case "paragraph":
      return <p>{all(token.tokens)}</p>;
    case "heading":
      return <p className="prose-heading">{all(token.tokens)}</p>;
    case "text":
    case "escape":
      return "tokens" in token ? all(token.tokens) : plain(token.text);
    case "strong":
      return <strong>{all(token.tokens)}</strong>;
    case "em":
      return <em>{all(token.tokens)}</em>;
    case "del":
      return <del>{all(token.tokens)}</del>;
    case "br":
      return <br />;
    case "hr":
      return <hr />;
    case "codespan":
      return <code>{token.text}</code>;
    case "code":
      return <CodeBlock code={token.text} language={token.lang ?? ""} />;
    case "blockquote":
      return <blockquote>{all(token.tokens)}</blockquote>;
    case "list":
      return <List list={token as Tokens.List} />;
    case "link":
      return <Away token={token as Tokens.Link} />;
    case "table":
      return <Table table={token as Tokens.Table} />;
    case "image":
      return token.text;
    case "checkbox":
      return token.checked ? "☑ " : "☐ ";
    case "space":
    case "def":
      return null;
    default:
      return token.raw;
  }
}

function List({ list }: { list: Tokens.List }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: the items of a list have no other name
  const items = list.items.map((item, index) => <li key={index}>{all(item.tokens)}</li>);
  return list.ordered ? <ol start={Number(list.start) || 1}>{items}</ol> : <ul>{items}</ul>;
}

function Away({ token }: { token: Tokens.Link }) {
  if (!/^(https?|mailto|tel):/i.test(token.href)) return <>{all(token.tokens)}</>;
  return (
    <a href={token.href} target="_blank" rel="noreferrer noopener nofollow">
      {all(token.tokens)}
    </a>
  );
}

function Table({ table }: { table: Tokens.Table }) {
  const cell = (found: Tokens.TableCell) => all(found.tokens);
  return (
    <div
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
      tabIndex={0}
      className="overflow-x-auto"
    >
      <table>
        <thead>
          <tr>
            {table.header.map((found, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns stay where they are
              <th key={index} scope="col">
                {cell(found)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows stay where they are
            <tr key={at}>
              {row.map((found, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns stay where they are
                <td key={index}>{cell(found)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const ENTITIES: Record<string, string> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&nbsp;": "\u00a0",
};

// The few that models write; anything else stays as it is.
function plain(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39|nbsp);/g, (found) => ENTITIES[found] ?? found);
}
