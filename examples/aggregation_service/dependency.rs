//! A TCP service that is slow and flaky in the way a scenario says.
//!
//! A line with the numbers of an attempt comes in, `ok` or `error STATUS` goes out, or nothing.
//! Latency and failure of an attempt are those that the lab would draw for it.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use awaitlab_core::{AttemptId, Faults, Latency, Purpose, Runtime, Streams, Verdict};
use awaitlab_faults::Rules;
use awaitlab_latency::Model;
use awaitlab_scenario::Variant;
use awaitlab_tokio_runtime::TokioRuntime;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_local;

pub(crate) struct Dependency {
    runtime: TokioRuntime,
    number: u64,
    streams: Streams,
    latency: Model,
    faults: Rules<Model>,
}

impl Dependency {
    /// The variant's service with this number.
    pub(crate) fn new(
        runtime: TokioRuntime,
        streams: Streams,
        variant: &Variant,
        number: usize,
    ) -> Self {
        let faults = Rules::for_downstream(&variant.faults, number);
        faults.begin_replication(streams);
        let service = &variant.downstreams[number].service;
        Dependency {
            runtime,
            number: number as u64,
            streams,
            latency: service.replicas[0].latency.clone(),
            faults,
        }
    }

    /// Serves, as a task, at a port that the system chooses.
    pub(crate) async fn listen(self) -> io::Result<SocketAddr> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, service) = (listener.local_addr()?, Rc::new(self));
        spawn_local(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let service = service.clone();
                // Fails where the client has hung up, which is the client's business.
                spawn_local(async move { service.answer(BufReader::new(stream)).await });
            }
        });
        Ok(address)
    }

    async fn answer(&self, mut stream: BufReader<TcpStream>) -> io::Result<()> {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let numbers: Vec<u64> = line.split_whitespace().flat_map(str::parse).collect();
        let &[job, call, attempt] = &numbers[..] else {
            return stream.write_all(b"error 400\n").await;
        };
        let (call, attempt) = (call as u32, attempt as u32);
        let id = AttemptId { job, call, attempt };
        let answer = match self.faults.judge(&id, 0, self.runtime.now()) {
            Verdict::Fail { status, .. } => format!("error {}\n", status.unwrap_or(500)),
            Verdict::Hang => return stream.read_line(&mut line).await.map(|_| ()),
            _ => "ok\n".to_owned(),
        };
        let stream_of = self.streams.stream(Purpose::Latency, self.number);
        let latency = self.latency.sample(&id, &mut stream_of.draws(&id));
        self.runtime.sleep(latency).await;
        stream.write_all(answer.as_bytes()).await
    }
}
