import { data, type Schemas } from "@salus/api-client";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../../components/ui/Button";
import { Field, Select } from "../../../components/ui/Field";
import { Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/emergency";
import { api } from "../../../lib/api";
import { CARD_CLASSES, type CardClass } from "./words";

const DAYS = [30, 182, 365, 730] as const;

interface Props {
  onMade: (card: Schemas["MadeCardView"]) => void;
  onClose: () => void;
}

export function CardForm({ onMade, onClose }: Props) {
  const [classes, setClasses] = useState<readonly CardClass[]>(CARD_CLASSES);
  const [days, setDays] = useState(365);
  const [uses, setUses] = useState("20");
  const make = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/emergency/cards", {
          body: { classes: [...classes], days, max_uses: Number(uses) || 20 },
        }),
      ),
    onSuccess: onMade,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  const toggle = (one: CardClass) =>
    setClasses(CARD_CLASSES.filter((other) => (other === one) !== classes.includes(other)));
  return (
    <form onSubmit={submit} className="grid gap-4 rounded-field border border-line p-4">
      <fieldset className="grid gap-1">
        <legend className="mb-1 font-semibold">{t("card.classes")}</legend>
        {CARD_CLASSES.map((one) => (
          <label key={one} className="flex min-h-9 items-center gap-3">
            <input
              type="checkbox"
              checked={classes.includes(one)}
              onChange={() => toggle(one)}
              className="size-5 accent-brand"
            />
            {t(`class.${one}`)}
          </label>
        ))}
      </fieldset>
      <div className="grid gap-4 sm:grid-cols-2">
        <Select
          label={t("card.days")}
          value={days}
          onChange={(event) => setDays(Number(event.target.value))}
        >
          {DAYS.map((one) => (
            <option key={one} value={one}>
              {t(`card.days.${one}`)}
            </option>
          ))}
        </Select>
        <Field
          label={t("card.uses")}
          type="number"
          min={1}
          max={100}
          value={uses}
          onChange={(event) => setUses(event.target.value)}
          required
        />
      </div>
      <Problem error={make.error} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" kind="primary" disabled={classes.length === 0} busy={make.isPending}>
          {t("card.create")}
        </Button>
        <Button onClick={onClose}>{t("action.cancel")}</Button>
      </div>
    </form>
  );
}
