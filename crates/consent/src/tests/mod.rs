mod authorize;
mod http;
mod ledger;
mod world;
