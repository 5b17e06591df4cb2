import { Navigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useSession } from "../../features/identity/session";

// Whoever is logged in has no use for these screens, and goes on to where they wanted to be.
export function ForVisitors({ children }: { children: ReactNode }) {
  const { state } = useSession();
  const { next } = useSearch({ strict: false });
  return state.status === "in" ? <Navigate to={next ?? "/"} replace /> : children;
}
