//! Compares the checksums that S3's client sends, computed by `patches/crc-fast`, with an independent implementation.

use super::*;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::types::ChecksumAlgorithm;
use aws_smithy_http_client::test_util::{CaptureRequestReceiver, capture_request};

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

fn captured() -> (Client, CaptureRequestReceiver) {
    let (http, request) = capture_request(None);
    let configuration = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::for_tests())
        .http_client(http)
        .build();
    (Client::from_conf(configuration), request)
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
