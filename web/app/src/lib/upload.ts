// Sends a file and says how far it has come, which `fetch` cannot.
import { ApiFailure, failureOf } from "@salus/api-client";
import { getCsrfToken } from "./api";

export function upload<T>(path: string, body: Blob, onSent: (part: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("Content-Type", body.type);
    const token = getCsrfToken();
    if (token) request.setRequestHeader("X-CSRF-Token", token);
    request.upload.onprogress = ({ loaded, total }) => onSent(total > 0 ? loaded / total : 0);
    request.upload.onload = () => onSent(1);
    request.onload = () => {
      if (request.status === 200) resolve(JSON.parse(request.responseText) as T);
      else void refused(request).then(reject);
    };
    request.onerror = () =>
      reject(new ApiFailure(0, "OFFLINE", "There is no connection to the server."));
    request.send(body);
  });
}

function refused(request: XMLHttpRequest): Promise<ApiFailure> {
  const retry = request.getResponseHeader("Retry-After");
  const headers = new Headers(retry ? { "Retry-After": retry } : {});
  const { status, responseText } = request;
  return failureOf(new Response(responseText, { status, headers }));
}
