import { t } from "../../i18n";
import { SafetyCard } from "../crisis/SafetyCard";
import { Scale } from "../wellbeing/Scale";
import { type Call, EMOTIONS, type Felt, URGES, urgent } from "./checkIn";

interface Props {
  value: Felt;
  onChange: (felt: Felt) => void;
}

// A closer look: what is felt and what one is driven to, each with its strength. Loaded when wanted.
export default function Feelings({ value, onChange }: Props) {
  const call = urgent(value.urges);
  return (
    <div className="rise grid gap-5">
      <Group
        legend={t("checkin.feelings")}
        names={EMOTIONS}
        word={(name) => t(`feel.${name}`)}
        rated={value.emotions}
        onChange={(emotions) => onChange({ ...value, emotions })}
      />
      <Group
        legend={t("checkin.urges")}
        names={URGES}
        word={(name) => t(`urge.${name}`)}
        rated={value.urges}
        onChange={(urges) => onChange({ ...value, urges })}
        help={call}
      />
    </div>
  );
}

interface GroupProps<N extends string> {
  legend: string;
  names: readonly N[];
  word: (name: N) => string;
  rated: Partial<Record<N, number>>;
  onChange: (rated: Partial<Record<N, number>>) => void;
  // What stands under the one that calls for help.
  help?: Call<N> | undefined;
}

const MIDDLE = 5;

function Group<N extends string>({ legend, names, word, rated, onChange, help }: GroupProps<N>) {
  const toggle = (name: N) => {
    const { [name]: before, ...rest } = rated;
    onChange(
      before === undefined
        ? { ...rated, [name]: MIDDLE }
        : (rest as unknown as Partial<Record<N, number>>),
    );
  };
  return (
    <fieldset className="min-w-0">
      <legend className="mb-2 font-semibold">{legend}</legend>
      <div className="flex flex-wrap gap-2">
        {names.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={rated[name] !== undefined}
            onClick={() => toggle(name)}
            className="min-h-9 cursor-pointer rounded-full border border-edge bg-surface px-3.5 py-1 text-sm transition-colors hover:bg-sunken aria-pressed:border-brand aria-pressed:bg-brand aria-pressed:text-on-brand"
          >
            {word(name)}
          </button>
        ))}
      </div>
      {names.some((name) => rated[name] !== undefined) && (
        <div className="mt-3 grid gap-3">
          {names.map(
            (name) =>
              rated[name] !== undefined && (
                <div key={name}>
                  <Scale
                    label={t("checkin.strength", { what: word(name) })}
                    to={10}
                    value={rated[name]}
                    onChange={(strength) => onChange({ ...rated, [name]: strength })}
                  />
                  <div role="status" className="[&>aside]:mt-3! [&>aside]:mb-0">
                    {help?.urge === name && <SafetyCard alert={help.alert} />}
                  </div>
                </div>
              ),
          )}
        </div>
      )}
    </fieldset>
  );
}
