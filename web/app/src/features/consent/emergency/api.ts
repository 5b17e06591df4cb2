// The calls about emergency access.
import { data } from "@salus/api-client";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../../../lib/api";

export const CARDS = ["emergency", "cards"];
export const SHEET = ["emergency", "sheet"];
export const REVIEWS = ["emergency", "reviews"];

export const cardsQuery = queryOptions({
  queryKey: CARDS,
  queryFn: () => data(api.GET("/api/emergency/cards")),
});

export const sheetQuery = queryOptions({
  queryKey: SHEET,
  queryFn: () => data(api.GET("/api/emergency/sheet")),
});

export const accessesQuery = infiniteQueryOptions({
  queryKey: ["emergency", "accesses"],
  queryFn: ({ pageParam }) =>
    data(
      api.GET("/api/emergency/accesses", {
        params: { query: { limit: 10, ...(pageParam && { cursor: pageParam }) } },
      }),
    ),
  initialPageParam: "",
  getNextPageParam: (page) => page.next_cursor,
});

export const reviewsQuery = infiniteQueryOptions({
  queryKey: REVIEWS,
  queryFn: ({ pageParam }) =>
    data(
      api.GET("/api/emergency/reviews", {
        params: { query: { limit: 20, ...(pageParam && { cursor: pageParam }) } },
      }),
    ),
  initialPageParam: "",
  getNextPageParam: (page) => page.next_cursor,
});
