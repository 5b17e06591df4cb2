import { lazy, Suspense } from "react";
import { pieces } from "./tools/uses";
import type { Message } from "./tree";

const Markdown = lazy(() => import("./Markdown").then((part) => ({ default: part.Markdown })));
const ToolCard = lazy(() =>
  import("./tools/ToolCard").then((part) => ({ default: part.ToolCard })),
);

// What a model wrote, with the tools it asked for where it did.
export function Written({ message }: { message: Message }) {
  const all = pieces(message.content, message.tools);
  const last = all.at(-1);
  const thinking = !last || ("use" in last && last.use.state !== "waiting");
  let from = 0;
  return (
    <>
      {all.map((piece) => {
        if ("use" in piece) {
          return (
            <Suspense key={`use ${piece.use.number}`} fallback={null}>
              <ToolCard use={piece.use} message={message} />
            </Suspense>
          );
        }
        const key = `words ${from}`;
        from += piece.text.length;
        return <Words key={key} text={piece.text} />;
      })}
      {thinking && message.state === "running" && <Waiting />}
    </>
  );
}

// As they were written, until what makes them beautiful has come.
function Words({ text }: { text: string }) {
  return (
    <Suspense fallback={<p className="whitespace-pre-wrap">{text}</p>}>
      <Markdown text={text} />
    </Suspense>
  );
}

function Waiting() {
  return (
    <span aria-hidden="true" className="flex h-8 items-center gap-1.5">
      {["delay-0", "delay-150", "delay-300"].map((delay) => (
        <span key={delay} className={`breathe size-2 rounded-full bg-brand ${delay}`} />
      ))}
    </span>
  );
}
