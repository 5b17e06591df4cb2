import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Sheet } from "../../components/ui/Ask";
import { Button } from "../../components/ui/Button";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n";
import { longDay } from "../../lib/dates";
import { type CheckIn, KEY, removeCheckIn } from "./api";
import { felt, type Rating } from "./checkIn";

interface Props {
  checkIn: CheckIn;
  onClose: () => void;
}

// A check-in as a whole, and the way to take it back.
export default function CheckInSheet({ checkIn, onClose }: Props) {
  const queries = useQueryClient();
  const erase = useMutation({
    mutationFn: () => removeCheckIn(checkIn.id),
    onSuccess: () => {
      onClose();
      return queries.invalidateQueries({ queryKey: KEY });
    },
  });
  return (
    <Sheet open title={longDay(new Date(checkIn.occurred_at))} onClose={onClose}>
      <div className="grid gap-4">
        <Ratings title={t("checkin.feelings")} ratings={checkIn.emotions} />
        <Ratings title={t("checkin.urges")} ratings={checkIn.urges} />
        {checkIn.note && <p className="whitespace-pre-wrap">{checkIn.note}</p>}
        {checkIn.factors.length > 0 && (
          <p className="text-soft">{checkIn.factors.map((factor) => `#${factor}`).join("  ")}</p>
        )}
        <Problem error={erase.error} />
        <Button
          icon="trash"
          kind="danger"
          className="justify-self-start"
          busy={erase.isPending}
          onClick={() => erase.mutate()}
        >
          {t("checkin.delete")}
        </Button>
      </div>
    </Sheet>
  );
}

function Ratings({ title, ratings }: { title: string; ratings: readonly Rating[] }) {
  if (ratings.length === 0) return null;
  return (
    <section>
      <h3 className="mb-1 font-sans font-semibold text-soft text-sm">{title}</h3>
      <ul>
        {ratings.map((rating) => (
          <li key={rating.name} className="flex justify-between gap-4 border-line border-t py-1.5">
            {felt(rating.name)}
            <span className="font-semibold tabular-nums">{rating.strength ?? ""}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
