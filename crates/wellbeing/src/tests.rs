mod http;
mod world;
