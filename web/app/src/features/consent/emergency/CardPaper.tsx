import type { Schemas } from "@salus/api-client";
import { type ReactNode, useState } from "react";
import { Sheet } from "../../../components/ui/Ask";
import { Button } from "../../../components/ui/Button";
import { TextArea } from "../../../components/ui/Field";
import { Notice } from "../../../components/ui/Notice";
import { QrCode } from "../../../components/ui/QrCode";
import { t } from "../../../i18n/emergency";
import { mediumDay } from "../../../lib/dates";
import { useUser } from "../../identity/session";
import { CARD_CLASSES, type CardClass } from "./words";

type Made = Schemas["MadeCardView"];

// The code stands behind the `#` of the address on the card: no server and no log sees it.
function checkAddress(origin: string, token: string): string {
  return `${origin}/emergency#${token}`;
}

interface Props {
  card: Made | undefined;
  onClose: () => void;
}

// What the person writes here is printed, and neither sent nor kept.
export function CardPaper({ card, onClose }: Props) {
  return (
    <Sheet open={Boolean(card)} title={t("card.new")} onClose={onClose}>
      {card && <Paper card={card} onClose={onClose} />}
    </Sheet>
  );
}

function Paper({ card, onClose }: { card: Made; onClose: () => void }) {
  const user = useUser();
  const [name, setName] = useState(user.display_name ?? "");
  const [lines, setLines] = useState<Partial<Record<CardClass, string>>>({});
  return (
    <div className="grid gap-4">
      <Notice kind="warn">{t("card.once")}</Notice>
      <TextArea
        label={t("card.name")}
        rows={1}
        maxLength={80}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      {CARD_CLASSES.map((one) => (
        <TextArea
          key={one}
          label={t(`card.line.${one}`)}
          rows={2}
          maxLength={300}
          value={lines[one] ?? ""}
          onChange={(event) => setLines({ ...lines, [one]: event.target.value })}
        />
      ))}
      <section
        aria-label={t("card.heading")}
        className="print-only-this grid gap-3 rounded-field border border-edge bg-[#fff] p-4 text-[#000]"
      >
        <p className="font-serif text-xl">
          {t("card.heading")}
          {name.trim() && <span className="block font-sans font-semibold text-lg">{name}</span>}
        </p>
        {CARD_CLASSES.map((one) => (
          <Line key={one} label={t(`card.line.${one}`)}>
            {lines[one]?.trim()}
          </Line>
        ))}
        <QrCode text={checkAddress(location.origin, card.token)} label={t("card.qr")} />
        <p className="text-center text-sm">
          {t("card.scan")} {t("card.until", { day: mediumDay(new Date(card.expires_at)) })}.
        </p>
      </section>
      <div className="flex flex-wrap gap-2">
        <Button kind="primary" onClick={() => print()}>
          {t("card.print")}
        </Button>
        <Button onClick={onClose}>{t("card.done")}</Button>
      </div>
    </div>
  );
}

// Nothing typed leaves a line to write on by hand.
function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <p className="font-semibold text-sm">{label}</p>
      <p className="min-h-7 whitespace-pre-wrap break-words border-[#000]/40 border-b">
        {children}
      </p>
    </div>
  );
}
