//! Compares the checksums that S3's client sends, computed by `patches/crc-fast`, with an independent implementation.

use super::*;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::types::ChecksumAlgorithm;
use aws_smithy_http_client::test_util::{CaptureRequestReceiver, ReplayEvent, StaticReplayClient, capture_request};
use aws_smithy_types::body::SdkBody;

/// A cyclic redundancy check of `bits` bits, computed bit by bit. The polynomial is reflected, and the initial value and the final XOR are
/// all ones, as in each of the three that S3 supports (Amazon S3 User Guide, "Checking object integrity in Amazon S3").
fn bit_by_bit(bytes: &[u8], bits: u32, polynomial: u64) -> u64 {
    let ones = u64::MAX >> (64 - bits);
    let mut register = ones;
    for byte in bytes {
        register ^= u64::from(*byte);
        for _ in 0..8 {
            register = if register & 1 == 1 { (register >> 1) ^ polynomial } else { register >> 1 };
        }
    }
    register ^ ones
}

/// The checksum in base64, the most significant byte first.
fn base64(checksum: u64, bits: u32) -> String {
    let bytes = checksum.to_be_bytes();
    aws_smithy_types::base64::encode(&bytes[8 - bits as usize / 8..])
}

const CRC32: (u32, u64) = (32, 0xedb8_8320);
const CRC32C: (u32, u64) = (32, 0x82f6_3b78);
const CRC64NVME: (u32, u64) = (64, 0x9a6c_9329_ac4b_c9b5);

fn client(http: impl aws_sdk_s3::config::HttpClient + 'static) -> Client {
    let configuration = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::for_tests())
        .http_client(http)
        .build();
    Client::from_conf(configuration)
}

fn captured() -> (Client, CaptureRequestReceiver) {
    let (http, request) = capture_request(None);
    (client(http), request)
}

/// A bucket that gives these answers, each a status and a body, in this order.
fn answering(answers: &[(u16, &str)]) -> (EvidenceBucket, StaticReplayClient) {
    let event = |(status, body): &(u16, &str)| {
        let request =
            http::Request::builder().uri("https://evidence.s3.us-east-1.amazonaws.com/").body(SdkBody::empty());
        let response = http::Response::builder().status(*status).body(SdkBody::from((*body).to_owned()));
        ReplayEvent::new(request.unwrap(), response.unwrap())
    };
    let http = StaticReplayClient::new(answers.iter().map(event).collect());
    (EvidenceBucket::new(client(http.clone()), "evidence".to_owned(), "us-east-1".to_owned()), http)
}

/// Bodies of every length up to two blocks of the lookup tables, and one as long as a report.
fn bodies() -> Vec<Vec<u8>> {
    let body = |length: usize| (0..length).map(|at| (at * 131 % 251) as u8).collect::<Vec<u8>>();
    (0..34).chain([200_000]).map(body).collect()
}

#[test]
fn the_independent_implementation_has_the_published_check_values() {
    let of = |(bits, polynomial)| bit_by_bit(b"123456789", bits, polynomial);
    assert_eq!((of(CRC32), of(CRC32C), of(CRC64NVME)), (0xcbf4_3926, 0xe306_9283, 0xae8b_1486_0a79_9888));
}

#[tokio::test]
async fn stored_documents_are_sent_with_the_correct_checksum() {
    for body in bodies() {
        let (client, request) = captured();
        let evidence = EvidenceBucket::new(client, "evidence".to_owned(), "us-east-1".to_owned());
        evidence.store("cases/c-1/report-1.html", DocumentFormat::Html, body.clone()).await.unwrap();
        let request = request.expect_request();
        let expected = base64(bit_by_bit(&body, CRC32.0, CRC32.1), CRC32.0);
        assert_eq!(request.headers().get("x-amz-checksum-crc32"), Some(expected.as_str()), "{} bytes", body.len());
        assert_eq!(request.body().bytes(), Some(body.as_slice()));
    }
}

#[tokio::test]
async fn every_checksum_of_the_patch_is_correct() {
    for (algorithm, header, (bits, polynomial)) in [
        (ChecksumAlgorithm::Crc32, "x-amz-checksum-crc32", CRC32),
        (ChecksumAlgorithm::Crc32C, "x-amz-checksum-crc32c", CRC32C),
        (ChecksumAlgorithm::Crc64Nvme, "x-amz-checksum-crc64nvme", CRC64NVME),
    ] {
        for body in bodies() {
            let (client, request) = captured();
            let call = client.put_object().bucket("evidence").key("key").checksum_algorithm(algorithm.clone());
            call.body(ByteStream::from(body.clone())).send().await.unwrap();
            let expected = base64(bit_by_bit(&body, bits, polynomial), bits);
            let request = request.expect_request();
            assert_eq!(request.headers().get(header), Some(expected.as_str()), "{header} of {} bytes", body.len());
        }
    }
}

#[tokio::test]
async fn a_listing_continues_until_its_last_page() {
    let page = |key: &str, size: u32, next: &str| {
        format!("<ListBucketResult>{next}<Contents><Key>{key}</Key><Size>{size}</Size></Contents></ListBucketResult>")
    };
    let first = page("cases/c-1/a.json", 5, "<NextContinuationToken>t-2</NextContinuationToken>");
    let (bucket, http) = answering(&[(200, &first), (200, &page("cases/c-1/b.json", 7, ""))]);
    let listed = bucket.list(&case_prefix("c-1")).await.unwrap();
    let objects: Vec<(&str, u64)> = listed.iter().map(|it| (it.key.as_str(), it.size)).collect();
    assert_eq!(objects, [("cases/c-1/a.json", 5), ("cases/c-1/b.json", 7)]);
    let queries: Vec<String> = http.actual_requests().map(|request| request.uri().to_owned()).collect();
    assert!(queries[0].contains("prefix=cases%2Fc-1%2F") && !queries[0].contains("continuation-token"), "{queries:?}");
    assert!(queries[1].contains("continuation-token=t-2"), "{queries:?}");
}

#[tokio::test]
async fn a_document_is_fetched_and_a_missing_one_is_none() {
    let missing = "<Error><Code>NoSuchKey</Code></Error>";
    let denied = "<Error><Code>AccessDenied</Code></Error>";
    let (bucket, _http) = answering(&[(200, "page"), (404, missing), (403, denied)]);
    assert_eq!(bucket.fetch("cases/c-1/report-1.html").await.unwrap(), Some(b"page".to_vec()));
    assert_eq!(bucket.fetch("cases/c-1/report-2.html").await.unwrap(), None);
    let error = bucket.fetch("cases/c-1/report-3.html").await.unwrap_err();
    assert_eq!(error.fault, gumshoe_domain::Fault::AccessDenied);
}
