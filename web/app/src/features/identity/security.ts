// What is asked about an account and how it is guarded, and under which keys it is remembered.
import { data } from "@salus/api-client";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../../lib/api";

export const FACTORS = ["identity", "factors"];
export const DEVICES = ["identity", "devices"];
export const PROFILE = ["identity", "profile"];

export const factorsQuery = queryOptions({
  queryKey: FACTORS,
  queryFn: () => data(api.GET("/api/auth/factors")),
});

export const devicesQuery = queryOptions({
  queryKey: DEVICES,
  queryFn: () => data(api.GET("/api/user/devices", { params: { query: { limit: 50 } } })),
});

export const profileQuery = queryOptions({
  queryKey: PROFILE,
  queryFn: () => data(api.GET("/api/user/profile")),
});

export const activityQuery = infiniteQueryOptions({
  queryKey: ["identity", "activity"],
  queryFn: ({ pageParam }) =>
    data(
      api.GET("/api/user/activity", {
        params: { query: { limit: 15, ...(pageParam ? { cursor: pageParam } : {}) } },
      }),
    ),
  initialPageParam: "",
  getNextPageParam: (page) => page.next_cursor,
});
