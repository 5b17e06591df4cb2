import { ForVisitors } from "../../components/shell/ForVisitors";
import { Register } from "./Register";

export function RegisterRoute() {
  return (
    <ForVisitors>
      <Register />
    </ForVisitors>
  );
}

export function SetupRoute() {
  return (
    <ForVisitors>
      <Register setup />
    </ForVisitors>
  );
}
