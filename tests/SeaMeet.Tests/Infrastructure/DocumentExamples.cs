namespace SeaMeet.Tests.Infrastructure;

/// <summary>
/// The answers of the vendor's document. Names are quoted, without which they would be no JSON; superfluous commas, comments and members
/// that stand twice are as in the document.
/// </summary>
internal static class DocumentExamples
{
    public const string Meeting = """
        {
          "id": "seax_139953cfd9e612d6c7827ccebdd7c50c",
          "owner_id": "useraccount",
          "name": "Meeting Name",
          "participants_number": 0,
          "status": "INITIAL",
          "start_time": "2022-12-07T10:11:42.520327",
          "language": "en-US",
          "duration": 0,
          "flag": "WAITING",
          "channel_type": "PHONE",
        }
        """;

    public const string UploadUrl = """
        {
          "upload_audio_url": "https://storage.test/put?signature=1",
          "expired_time": "2024-05-30T21:53:34" // utc
        }
        """;

    public const string StartedJob = """
        {
          "job":{
            "id": "55c09c56-9f99-4da2-bba4-da4722759e08",
            "type": "MEETING_ANALYSIS",
            "relations": {
               "meeting_id": "55c09c56-9f99-4da2-bba4-da4722759e01",
               "workspace_id": "55c09c56-9f99-4da2-bba4-da4722759e02"
            },
            "parameters": {
              "channels": 1,
              "audio_start_offset": 10.5,
              "scenario": "customer_service_call",
              "scenario_parameters": {
                "went_to_voicemail": false,
                "customer_number": "0933123456",
                "num_speakers": 2
              },
            },
            "status": "QUEUED",
            "error_message": null,
            "result": null
          }
        }
        """;

    /// <summary>Status and result stand twice.</summary>
    public const string ReadJob = """
        {
          "id": "55c09c56-9f99-4da2-bba4-da4722759e08",
          "type": "MEETING_ANALYSIS",
          "status": "FINISHED",
          "result": null,
          "relations": {
             "meeting_id": "55c09c56-9f99-4da2-bba4-da4722759e01",
             "workspace_id": "55c09c56-9f99-4da2-bba4-da4722759e02"
          },
          "parameters": { "channels": 1 },
          "status": "QUEUED",
          "error_message": null,
          "result": null
        }
        """;
}
