//! `salus serve` and `salus worker`.

use super::{CommandError, CommandResult};
use crate::{
    alone,
    app::{self, StartError},
    background::Background,
    config::Config,
    router, ui, web,
};
use clap::Args;
use httpkit::serve::{ServeConfig, serve};
use kernel::{Ctx, Env, TenantId};
use std::net::{Ipv4Addr, SocketAddr};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

const PORT: u16 = 8787;

/// Start the server
#[derive(Args)]
pub struct Serve {
    /// Address and port, such as 0.0.0.0:8787; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

impl Serve {
    pub async fn run(self, mut config: Config) -> CommandResult {
        config.http.listen = self.listen.or(config.http.listen);
        let env = Env::system();
        if !alone::has_database(&config, &env).await? {
            let listener = listen(config.http.listen).await?;
            // Whoever knows the address by now finds the whole program there.
            config.http.listen = Some(listener.local_addr().map_err(CommandError::failed)?);
            if !alone::help_until_there_is_a_database(&config, &env, listener, shutdown()).await? {
                return Ok(());
            }
        }
        let app = app::start(config, env).await?;
        let listener = listen(app.config.http.listen).await?;
        let address = listener.local_addr().map_err(CommandError::failed)?;
        let router = router::build(&app)?;
        let background = Background::start(&app, app.config.worker.in_process);
        greet(&app, address).await?;
        let settings = ServeConfig {
            per_client: app.config.http.open_per_client.into(),
            proxies: app.proxies.clone(),
            ..ServeConfig::default()
        };
        let drain = settings.drain;
        let stopping = async {
            shutdown().await;
            app.companion.close();
        };
        let cut = serve(listener, router, stopping, settings).await;
        if cut > 0 {
            tracing::warn!(cut, "connections were still open at the end");
        }
        app.tasks.close();
        if tokio::time::timeout(drain, app.tasks.wait()).await.is_err() {
            tracing::warn!("requests that had outlived their clients were cut off");
        }
        background.finish().await;
        app.db.close();
        Ok(())
    }
}

/// Does background work until told to stop.
pub async fn work(config: Config) -> CommandResult {
    let app = app::start(config, Env::system()).await?;
    let background = Background::start(&app, true);
    ui::say("Salus is working in the background");
    shutdown().await;
    background.finish().await;
    app.db.close();
    Ok(())
}

/// The address wished for, or the usual one, or any that is free.
async fn listen(wish: Option<SocketAddr>) -> Result<TcpListener, StartError> {
    let fail = |address| move |source| StartError::Listen { address, source };
    if let Some(address) = wish {
        return TcpListener::bind(address).await.map_err(fail(address));
    }
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, PORT));
    if let Ok(listener) = TcpListener::bind(usual).await {
        return Ok(listener);
    }
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    TcpListener::bind(any).await.map_err(fail(any))
}

async fn greet(app: &app::App, address: SocketAddr) -> CommandResult {
    let url = app.config.http.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    ui::say(format_args!("Salus is ready at {url}"));
    ui::say(format_args!("The API is described at {url}/api/docs"));
    if !web::is_there() {
        ui::say(
            "The web app is not in this build: `make run` adds it where Node 20.19 or newer is",
        );
    }
    let ctx = Ctx::operator(app.env.clone());
    let code = app.accounts.setup_code(&ctx, TenantId::DEFAULT).await;
    if let Some(code) = code.map_err(CommandError::failed)? {
        let code = code.grouped();
        // EXPOSE: shown once, to whoever started the program, to make the first administrator.
        ui::say(format_args!("Set-up code for the first administrator: {}", code.expose()));
        if web::is_there() {
            // Behind the `#` it stays in the browser: no server, proxy or log sees it.
            ui::say(format_args!("Begin here: {url}/setup#{}", code.expose()));
        }
    }
    Ok(())
}

/// Ready when the program is asked to stop, from when this is called on.
fn shutdown() -> impl Future<Output = ()> {
    let heard = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async move {
        let (Ok(mut interrupt), Ok(mut terminate)) = heard else {
            tracing::error!("signals cannot be heard: only a kill will stop this process");
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping: finishing what is being answered");
    }
}
