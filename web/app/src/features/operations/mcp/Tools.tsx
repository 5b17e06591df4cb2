import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { Button } from "../../../components/ui/Button";
import { Notice, Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/mcp";
import { allow, SERVERS, type Tool } from "./servers";

interface Props {
  server: string;
  tools: readonly Tool[];
}

// The tools of a server as it describes them now. One that changed since is not ticked any more.
export function Tools({ server, tools }: Props) {
  const queries = useQueryClient();
  const before = tools.filter(({ standing }) => standing === "allowed");
  const [ticked, setTicked] = useState<readonly string[]>(before.map(({ name }) => name));
  const save = useMutation({
    mutationFn: () =>
      allow(
        server,
        tools.filter(({ name }) => ticked.includes(name)),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: SERVERS }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const tick = (name: string, on: boolean) => {
    save.reset();
    setTicked(on ? [...ticked, name] : ticked.filter((one) => one !== name));
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <ul className="divide-y divide-line">
        {tools.map((tool) => (
          <li key={tool.name} className="py-3">
            <Choice
              tool={tool}
              ticked={ticked.includes(tool.name)}
              onTick={(on) => tick(tool.name, on)}
            />
          </li>
        ))}
      </ul>
      <Problem error={save.error} />
      {save.isSuccess && <Notice role="status">{t("providers.saved")}</Notice>}
      <div>
        <Button type="submit" kind="primary" busy={save.isPending}>
          {t("mcp.allow")}
        </Button>
      </div>
    </form>
  );
}

interface ChoiceProps {
  tool: Tool;
  ticked: boolean;
  onTick: (on: boolean) => void;
}

// Its words are those of its server, and shown as they are.
function Choice({ tool, ticked, onTick }: ChoiceProps) {
  const id = useId();
  return (
    <>
      <label className="flex min-h-11 cursor-pointer items-center gap-3">
        <input
          type="checkbox"
          checked={ticked}
          aria-describedby={id}
          onChange={(event) => onTick(event.target.checked)}
          className="size-5 shrink-0 accent-brand"
        />
        <span className="min-w-0 break-words font-semibold">{tool.name}</span>
      </label>
      <div id={id} className="pl-8">
        <p className={tool.standing === "changed" ? "text-care text-sm" : "text-soft text-sm"}>
          {t(`mcp.standing.${tool.standing}`)}
        </p>
        <p className="whitespace-pre-wrap break-words">{tool.description}</p>
      </div>
      <details className="pl-8 text-sm">
        <summary className="cursor-pointer py-1 font-semibold text-soft">
          {t("mcp.parameters")}
        </summary>
        <p className="whitespace-pre-wrap break-words font-mono text-soft">
          {JSON.stringify(tool.parameters, null, 2)}
        </p>
      </details>
    </>
  );
}
