// The texts that people agree to, out of the same files as those of the server.
import ai from "../../../../../crates/consent/texts/ai_interaction.md?raw";
import health from "../../../../../crates/consent/texts/health_data.md?raw";
import terms from "../../../../../crates/consent/texts/terms.md?raw";

export const TEXTS = { terms, health_data: health, ai_interaction: ai } as const;

export type Offered = keyof typeof TEXTS;
