//! What is taken, and what is said about it.

use std::sync::Arc;

use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::MetricsService;
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::TraceService;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use tonic::{Request, Response, Status};

use super::Shared;
use super::answer::Answer;

/// Both services, for one request.
pub(super) struct Services {
    pub(super) shared: Arc<Shared>,
    pub(super) answer: Answer,
    /// Which of the attempts it is, if it has spans.
    pub(super) attempt: Option<usize>,
}

impl Services {
    pub(super) fn take_traces(
        &self,
        request: ExportTraceServiceRequest,
    ) -> ExportTraceServiceResponse {
        if let Some(attempt) = self.attempt {
            self.shared
                .change(|received| received.attempts[attempt].request = Some(request));
        }
        let partial_success = match self.answer {
            Answer::AcceptExcept(rejected_spans) => Some(ExportTracePartialSuccess {
                rejected_spans,
                error_message: "scripted".to_owned(),
            }),
            _ => None,
        };
        ExportTraceServiceResponse { partial_success }
    }

    pub(super) fn take_metrics(
        &self,
        request: ExportMetricsServiceRequest,
    ) -> ExportMetricsServiceResponse {
        self.shared
            .change(|received| received.metrics.push(request));
        ExportMetricsServiceResponse::default()
    }
}

#[tonic::async_trait]
impl TraceService for Services {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        Ok(Response::new(self.take_traces(request.into_inner())))
    }
}

#[tonic::async_trait]
impl MetricsService for Services {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        Ok(Response::new(self.take_metrics(request.into_inner())))
    }
}
