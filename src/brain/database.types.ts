// Generated from the schema by `npm run types:generate`; not written by hand.
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

export type Database = {
  
  "codered": {
          Tables: {
            "agent_jobs": {
                  Row: {
                    "agent_type": string,"answers": Json | null,"attempts": number,"cancel_requested_at": string | null,"celery_task_id": string | null,"completed_at": string | null,"created_at": string,"dedupe_key": string | null,"error": string | null,"id": string,"input": NonNullable<Json>,"locked_by": string | null,"locked_until": string | null,"parent_job_id": string | null,"progress": number,"project_id": string | null,"questions": Json | null,"result": Json | null,"run_after": string,"started_at": string | null,"status": string,"updated_at": string,"user_id": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "agent_type": string,"answers"?: Json | null,"attempts"?: number,"cancel_requested_at"?: string | null,"celery_task_id"?: string | null,"completed_at"?: string | null,"created_at"?: string,"dedupe_key"?: string | null,"error"?: string | null,"id"?: string,"input"?: NonNullable<Json>,"locked_by"?: string | null,"locked_until"?: string | null,"parent_job_id"?: string | null,"progress"?: number,"project_id"?: string | null,"questions"?: Json | null,"result"?: Json | null,"run_after"?: string,"started_at"?: string | null,"status"?: string,"updated_at"?: string,"user_id"?: string | null
                  }
                  Update: {
                    "agent_type"?: string,"answers"?: Json | null,"attempts"?: number,"cancel_requested_at"?: string | null,"celery_task_id"?: string | null,"completed_at"?: string | null,"created_at"?: string,"dedupe_key"?: string | null,"error"?: string | null,"id"?: string,"input"?: NonNullable<Json>,"locked_by"?: string | null,"locked_until"?: string | null,"parent_job_id"?: string | null,"progress"?: number,"project_id"?: string | null,"questions"?: Json | null,"result"?: Json | null,"run_after"?: string,"started_at"?: string | null,"status"?: string,"updated_at"?: string,"user_id"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "agent_jobs_parent_job_id_fkey"
      columns: ["parent_job_id"]
isOneToOne: false
      referencedRelation: "agent_jobs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "agent_jobs_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "agent_jobs_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"bug_patterns": {
                  Row: {
                    "category": string,"created_at": string,"deleted_at": string | null,"description": string | null,"docs_url": string | null,"enabled": boolean,"hits": number,"id": string,"kind": string,"last_hit_at": string | null,"name": string,"pattern_signature": string,"position": number,"priority": number,"project_id": string | null,"recommended_fix": string,"related_lessons": (string)[] | null,"root_cause": string,"severity": string,"source": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "category"?: string,"created_at"?: string,"deleted_at"?: string | null,"description"?: string | null,"docs_url"?: string | null,"enabled"?: boolean,"hits"?: number,"id"?: string,"kind"?: string,"last_hit_at"?: string | null,"name": string,"pattern_signature": string,"position"?: number,"priority"?: number,"project_id"?: string | null,"recommended_fix": string,"related_lessons"?: (string)[] | null,"root_cause": string,"severity"?: string,"source"?: string,"updated_at"?: string
                  }
                  Update: {
                    "category"?: string,"created_at"?: string,"deleted_at"?: string | null,"description"?: string | null,"docs_url"?: string | null,"enabled"?: boolean,"hits"?: number,"id"?: string,"kind"?: string,"last_hit_at"?: string | null,"name"?: string,"pattern_signature"?: string,"position"?: number,"priority"?: number,"project_id"?: string | null,"recommended_fix"?: string,"related_lessons"?: (string)[] | null,"root_cause"?: string,"severity"?: string,"source"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "bug_patterns_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    }
                  ]
                },"ci_events": {
                  Row: {
                    "actor": string | null,"branch": string | null,"commit_sha": string,"conclusion": string | null,"created_at": string,"duration_seconds": number | null,"end_time": string | null,"head_repository_id": number | null,"html_url": string | null,"id": string,"project_id": string,"provider": string,"pull_request_numbers": (number)[],"repository_id": number,"run_attempt": number,"run_id": string,"source_delivery": string,"source_updated_at": string,"start_time": string | null,"status": string,"summary": string | null,"trigger": string,"updated_at": string,"workflow_name": string,"workflow_path": string | null,"zones_touched": (string)[] | null
                  }
                  ComputedFields: never
                  Insert: {
                    "actor"?: string | null,"branch"?: string | null,"commit_sha": string,"conclusion"?: string | null,"created_at"?: string,"duration_seconds"?: never,"end_time"?: string | null,"head_repository_id"?: number | null,"html_url"?: string | null,"id"?: string,"project_id": string,"provider": string,"pull_request_numbers"?: (number)[],"repository_id": number,"run_attempt"?: number,"run_id": string,"source_delivery"?: string,"source_updated_at"?: string,"start_time"?: string | null,"status": string,"summary"?: string | null,"trigger": string,"updated_at"?: string,"workflow_name": string,"workflow_path"?: string | null,"zones_touched"?: (string)[] | null
                  }
                  Update: {
                    "actor"?: string | null,"branch"?: string | null,"commit_sha"?: string,"conclusion"?: string | null,"created_at"?: string,"duration_seconds"?: never,"end_time"?: string | null,"head_repository_id"?: number | null,"html_url"?: string | null,"id"?: string,"project_id"?: string,"provider"?: string,"pull_request_numbers"?: (number)[],"repository_id"?: number,"run_attempt"?: number,"run_id"?: string,"source_delivery"?: string,"source_updated_at"?: string,"start_time"?: string | null,"status"?: string,"summary"?: string | null,"trigger"?: string,"updated_at"?: string,"workflow_name"?: string,"workflow_path"?: string | null,"zones_touched"?: (string)[] | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "ci_events_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "ci_events_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"ci_jobs": {
                  Row: {
                    "ci_event_id": string,"completed_at": string | null,"conclusion": string | null,"created_at": string,"html_url": string | null,"id": string,"job_id": number,"labels": (string)[],"log_state": string,"name": string,"runner_name": string | null,"source_delivery": string,"source_updated_at": string,"started_at": string | null,"status": string,"steps": NonNullable<Json>,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "ci_event_id": string,"completed_at"?: string | null,"conclusion"?: string | null,"created_at"?: string,"html_url"?: string | null,"id"?: string,"job_id": number,"labels"?: (string)[],"log_state"?: string,"name": string,"runner_name"?: string | null,"source_delivery"?: string,"source_updated_at": string,"started_at"?: string | null,"status": string,"steps"?: NonNullable<Json>,"updated_at"?: string
                  }
                  Update: {
                    "ci_event_id"?: string,"completed_at"?: string | null,"conclusion"?: string | null,"created_at"?: string,"html_url"?: string | null,"id"?: string,"job_id"?: number,"labels"?: (string)[],"log_state"?: string,"name"?: string,"runner_name"?: string | null,"source_delivery"?: string,"source_updated_at"?: string,"started_at"?: string | null,"status"?: string,"steps"?: NonNullable<Json>,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "ci_jobs_ci_event_id_fkey"
      columns: ["ci_event_id"]
isOneToOne: false
      referencedRelation: "ci_events"
      referencedColumns: ["id"]
    }
                  ]
                },"commits": {
                  Row: {
                    "author": string | null,"authored_at": string | null,"created_at": string,"files": (string)[],"message": string,"pushed_at": string | null,"ref": string | null,"repository_id": number,"sha": string,"source_delivery": string,"updated_at": string,"zones_touched": (string)[] | null
                  }
                  ComputedFields: never
                  Insert: {
                    "author"?: string | null,"authored_at"?: string | null,"created_at"?: string,"files"?: (string)[],"message": string,"pushed_at"?: string | null,"ref"?: string | null,"repository_id": number,"sha": string,"source_delivery"?: string,"updated_at"?: string,"zones_touched"?: (string)[] | null
                  }
                  Update: {
                    "author"?: string | null,"authored_at"?: string | null,"created_at"?: string,"files"?: (string)[],"message"?: string,"pushed_at"?: string | null,"ref"?: string | null,"repository_id"?: number,"sha"?: string,"source_delivery"?: string,"updated_at"?: string,"zones_touched"?: (string)[] | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "commits_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"deployment_statuses": {
                  Row: {
                    "created_at": string,"creator": string | null,"deployment_id": string,"description": string,"environment": string,"environment_url": string | null,"id": string,"log_url": string | null,"state": string,"status_id": number
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at": string,"creator"?: string | null,"deployment_id": string,"description"?: string,"environment": string,"environment_url"?: string | null,"id"?: string,"log_url"?: string | null,"state": string,"status_id": number
                  }
                  Update: {
                    "created_at"?: string,"creator"?: string | null,"deployment_id"?: string,"description"?: string,"environment"?: string,"environment_url"?: string | null,"id"?: string,"log_url"?: string | null,"state"?: string,"status_id"?: number
                  }
                  Relationships: [
                    {
      foreignKeyName: "deployment_statuses_deployment_id_fkey"
      columns: ["deployment_id"]
isOneToOne: false
      referencedRelation: "deployments"
      referencedColumns: ["id"]
    }
                  ]
                },"deployments": {
                  Row: {
                    "ci_event_id": string | null,"commit_sha": string,"created_at": string,"creator": string | null,"deployment_id": string,"environment": string,"environment_name": string,"finished_at": string | null,"id": string,"is_current": boolean,"project_id": string,"provider": string,"ref": string,"repository_id": number,"run_attempt": number | null,"run_id": string | null,"source_delivery": string,"source_updated_at": string,"started_at": string,"status": string,"updated_at": string,"url": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "ci_event_id"?: string | null,"commit_sha": string,"created_at"?: string,"creator"?: string | null,"deployment_id": string,"environment": string,"environment_name": string,"finished_at"?: string | null,"id"?: string,"is_current"?: boolean,"project_id": string,"provider": string,"ref": string,"repository_id": number,"run_attempt"?: number | null,"run_id"?: string | null,"source_delivery"?: string,"source_updated_at": string,"started_at": string,"status"?: string,"updated_at"?: string,"url"?: string | null
                  }
                  Update: {
                    "ci_event_id"?: string | null,"commit_sha"?: string,"created_at"?: string,"creator"?: string | null,"deployment_id"?: string,"environment"?: string,"environment_name"?: string,"finished_at"?: string | null,"id"?: string,"is_current"?: boolean,"project_id"?: string,"provider"?: string,"ref"?: string,"repository_id"?: number,"run_attempt"?: number | null,"run_id"?: string | null,"source_delivery"?: string,"source_updated_at"?: string,"started_at"?: string,"status"?: string,"updated_at"?: string,"url"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "deployments_ci_event_id_fkey"
      columns: ["ci_event_id"]
isOneToOne: false
      referencedRelation: "ci_events"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "deployments_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "deployments_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"error_matches": {
                  Row: {
                    "bug_pattern_id": string,"captures": (string)[],"created_at": string,"error_id": string,"is_primary": boolean,"line_number": number,"line_text": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "bug_pattern_id": string,"captures"?: (string)[],"created_at"?: string,"error_id": string,"is_primary"?: boolean,"line_number": number,"line_text": string,"updated_at"?: string
                  }
                  Update: {
                    "bug_pattern_id"?: string,"captures"?: (string)[],"created_at"?: string,"error_id"?: string,"is_primary"?: boolean,"line_number"?: number,"line_text"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "error_matches_bug_pattern_id_fkey"
      columns: ["bug_pattern_id"]
isOneToOne: false
      referencedRelation: "bug_patterns"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "error_matches_error_id_fkey"
      columns: ["error_id"]
isOneToOne: false
      referencedRelation: "errors"
      referencedColumns: ["id"]
    }
                  ]
                },"errors": {
                  Row: {
                    "agent_run_id": string | null,"ci_event_id": string | null,"ci_job_id": string | null,"created_at": string,"deployment_id": string | null,"details": string | null,"error_code": string | null,"excerpt": string | null,"excerpt_first_line": number | null,"excerpt_last_line": number | null,"file_path": string | null,"fingerprint": string,"first_seen_at": string,"id": string,"line": number | null,"line_number": number | null,"message": string,"occurrences": number,"project_id": string,"severity": string,"source": string,"step_first_line": number | null,"updated_at": string,"verdict": string,"verdict_reason": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "agent_run_id"?: string | null,"ci_event_id"?: string | null,"ci_job_id"?: string | null,"created_at"?: string,"deployment_id"?: string | null,"details"?: string | null,"error_code"?: string | null,"excerpt"?: string | null,"excerpt_first_line"?: number | null,"excerpt_last_line"?: number | null,"file_path"?: string | null,"fingerprint": string,"first_seen_at"?: string,"id"?: string,"line"?: number | null,"line_number"?: number | null,"message": string,"occurrences"?: number,"project_id": string,"severity"?: string,"source": string,"step_first_line"?: number | null,"updated_at"?: string,"verdict"?: string,"verdict_reason"?: string | null
                  }
                  Update: {
                    "agent_run_id"?: string | null,"ci_event_id"?: string | null,"ci_job_id"?: string | null,"created_at"?: string,"deployment_id"?: string | null,"details"?: string | null,"error_code"?: string | null,"excerpt"?: string | null,"excerpt_first_line"?: number | null,"excerpt_last_line"?: number | null,"file_path"?: string | null,"fingerprint"?: string,"first_seen_at"?: string,"id"?: string,"line"?: number | null,"line_number"?: number | null,"message"?: string,"occurrences"?: number,"project_id"?: string,"severity"?: string,"source"?: string,"step_first_line"?: number | null,"updated_at"?: string,"verdict"?: string,"verdict_reason"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "errors_ci_event_id_fkey"
      columns: ["ci_event_id"]
isOneToOne: false
      referencedRelation: "ci_events"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "errors_ci_job_id_fkey"
      columns: ["ci_job_id"]
isOneToOne: false
      referencedRelation: "ci_jobs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "errors_deployment_id_fkey"
      columns: ["deployment_id"]
isOneToOne: false
      referencedRelation: "deployments"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "errors_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    }
                  ]
                },"events": {
                  Row: {
                    "created_at": string,"event_type": string,"id": number,"payload": NonNullable<Json>,"project_id": string | null,"run_id": string | null,"task_id": string | null,"user_id": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"event_type": string,"id"?: never,"payload"?: NonNullable<Json>,"project_id"?: string | null,"run_id"?: string | null,"task_id"?: string | null,"user_id"?: string | null
                  }
                  Update: {
                    "created_at"?: string,"event_type"?: string,"id"?: never,"payload"?: NonNullable<Json>,"project_id"?: string | null,"run_id"?: string | null,"task_id"?: string | null,"user_id"?: string | null
                  }
                  Relationships: [
                    
                  ]
                },"events_other": {
                  Row: {
                    "created_at": string,"event_type": string,"id": number,"payload": NonNullable<Json>,"project_id": string | null,"run_id": string | null,"task_id": string | null,"user_id": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"event_type": string,"id"?: never,"payload"?: NonNullable<Json>,"project_id"?: string | null,"run_id"?: string | null,"task_id"?: string | null,"user_id"?: string | null
                  }
                  Update: {
                    "created_at"?: string,"event_type"?: string,"id"?: never,"payload"?: NonNullable<Json>,"project_id"?: string | null,"run_id"?: string | null,"task_id"?: string | null,"user_id"?: string | null
                  }
                  Relationships: [
                    
                  ]
                },"installations": {
                  Row: {
                    "account_login": string,"account_type": string | null,"created_at": string,"deleted_at": string | null,"details_delivery": string,"details_updated_at": string,"id": number,"next_write_at": string,"org_id": string,"permissions": Json | null,"repository_selection": string | null,"source_delivery": string,"source_updated_at": string,"suspended_at": string | null,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "account_login": string,"account_type"?: string | null,"created_at"?: string,"deleted_at"?: string | null,"details_delivery"?: string,"details_updated_at"?: string,"id": number,"next_write_at"?: string,"org_id": string,"permissions"?: Json | null,"repository_selection"?: string | null,"source_delivery"?: string,"source_updated_at"?: string,"suspended_at"?: string | null,"updated_at"?: string
                  }
                  Update: {
                    "account_login"?: string,"account_type"?: string | null,"created_at"?: string,"deleted_at"?: string | null,"details_delivery"?: string,"details_updated_at"?: string,"id"?: number,"next_write_at"?: string,"org_id"?: string,"permissions"?: Json | null,"repository_selection"?: string | null,"source_delivery"?: string,"source_updated_at"?: string,"suspended_at"?: string | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "installations_org_id_fkey"
      columns: ["org_id"]
isOneToOne: false
      referencedRelation: "orgs"
      referencedColumns: ["id"]
    }
                  ]
                },"memberships": {
                  Row: {
                    "created_at": string,"org_id": string,"role": string,"updated_at": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"org_id": string,"role"?: string,"updated_at"?: string,"user_id": string
                  }
                  Update: {
                    "created_at"?: string,"org_id"?: string,"role"?: string,"updated_at"?: string,"user_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "memberships_org_id_fkey"
      columns: ["org_id"]
isOneToOne: false
      referencedRelation: "orgs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "memberships_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"orgs": {
                  Row: {
                    "created_at": string,"github_account_id": number | null,"id": string,"login": string,"name": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"github_account_id"?: number | null,"id"?: string,"login": string,"name": string,"updated_at"?: string
                  }
                  Update: {
                    "created_at"?: string,"github_account_id"?: number | null,"id"?: string,"login"?: string,"name"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"profiles": {
                  Row: {
                    "avatar_url": string | null,"created_at": string,"display_name": string | null,"email": string | null,"github_login": string | null,"id": string,"role": string,"skill_level": string | null,"updated_at": string,"username": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "avatar_url"?: string | null,"created_at"?: string,"display_name"?: string | null,"email"?: string | null,"github_login"?: string | null,"id": string,"role"?: string,"skill_level"?: string | null,"updated_at"?: string,"username"?: string | null
                  }
                  Update: {
                    "avatar_url"?: string | null,"created_at"?: string,"display_name"?: string | null,"email"?: string | null,"github_login"?: string | null,"id"?: string,"role"?: string,"skill_level"?: string | null,"updated_at"?: string,"username"?: string | null
                  }
                  Relationships: [
                    
                  ]
                },"projects": {
                  Row: {
                    "architecture_spec": Json | null,"created_at": string,"deleted_at": string | null,"description": string | null,"id": string,"mode": string,"name": string,"org_id": string | null,"owner_user_id": string | null,"phase": string,"requirements_spec": Json | null,"rules": NonNullable<Json>,"slug": string,"status": string,"tech_stack": (string)[] | null,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "architecture_spec"?: Json | null,"created_at"?: string,"deleted_at"?: string | null,"description"?: string | null,"id"?: string,"mode"?: string,"name": string,"org_id"?: string | null,"owner_user_id"?: string | null,"phase"?: string,"requirements_spec"?: Json | null,"rules"?: NonNullable<Json>,"slug": string,"status"?: string,"tech_stack"?: (string)[] | null,"updated_at"?: string
                  }
                  Update: {
                    "architecture_spec"?: Json | null,"created_at"?: string,"deleted_at"?: string | null,"description"?: string | null,"id"?: string,"mode"?: string,"name"?: string,"org_id"?: string | null,"owner_user_id"?: string | null,"phase"?: string,"requirements_spec"?: Json | null,"rules"?: NonNullable<Json>,"slug"?: string,"status"?: string,"tech_stack"?: (string)[] | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "projects_org_id_fkey"
      columns: ["org_id"]
isOneToOne: false
      referencedRelation: "orgs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "projects_owner_user_id_fkey"
      columns: ["owner_user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"publications": {
                  Row: {
                    "attempts": number,"available_at": string,"created_at": string,"desired": NonNullable<Json>,"desired_hash": string,"generation": number,"github_id": number | null,"id": string,"is_due": boolean,"kind": string,"last_error": string | null,"locked_at": string | null,"locked_by": string | null,"locked_until": string | null,"published_at": string | null,"published_conclusion": string | null,"published_hash": string | null,"repository_id": number,"target": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "attempts"?: number,"available_at"?: string,"created_at"?: string,"desired": NonNullable<Json>,"desired_hash": string,"generation"?: number,"github_id"?: number | null,"id"?: string,"is_due"?: never,"kind": string,"last_error"?: string | null,"locked_at"?: string | null,"locked_by"?: string | null,"locked_until"?: string | null,"published_at"?: string | null,"published_conclusion"?: string | null,"published_hash"?: string | null,"repository_id": number,"target": string,"updated_at"?: string
                  }
                  Update: {
                    "attempts"?: number,"available_at"?: string,"created_at"?: string,"desired"?: NonNullable<Json>,"desired_hash"?: string,"generation"?: number,"github_id"?: number | null,"id"?: string,"is_due"?: never,"kind"?: string,"last_error"?: string | null,"locked_at"?: string | null,"locked_by"?: string | null,"locked_until"?: string | null,"published_at"?: string | null,"published_conclusion"?: string | null,"published_hash"?: string | null,"repository_id"?: number,"target"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "publications_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"pull_requests": {
                  Row: {
                    "author": string | null,"base_ref": string,"base_sha": string,"created_at": string,"draft": boolean,"head_ref": string,"head_repository_id": number | null,"head_sha": string,"html_url": string,"merge_commit_sha": string | null,"merged_at": string | null,"number": number,"opened_at": string,"repository_id": number,"source_delivery": string,"source_updated_at": string,"state": string,"title": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "author"?: string | null,"base_ref": string,"base_sha": string,"created_at"?: string,"draft": boolean,"head_ref": string,"head_repository_id"?: number | null,"head_sha": string,"html_url": string,"merge_commit_sha"?: string | null,"merged_at"?: string | null,"number": number,"opened_at": string,"repository_id": number,"source_delivery"?: string,"source_updated_at": string,"state": string,"title": string,"updated_at"?: string
                  }
                  Update: {
                    "author"?: string | null,"base_ref"?: string,"base_sha"?: string,"created_at"?: string,"draft"?: boolean,"head_ref"?: string,"head_repository_id"?: number | null,"head_sha"?: string,"html_url"?: string,"merge_commit_sha"?: string | null,"merged_at"?: string | null,"number"?: number,"opened_at"?: string,"repository_id"?: number,"source_delivery"?: string,"source_updated_at"?: string,"state"?: string,"title"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "pull_requests_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"repositories": {
                  Row: {
                    "archived": boolean | null,"created_at": string,"default_branch": string | null,"deleted_at": string | null,"details_delivery": string,"details_updated_at": string,"id": number,"installation_id": number | null,"name": string,"owner": string,"presence_delivery": string,"presence_updated_at": string,"private": boolean | null,"project_id": string | null,"source_delivery": string,"source_updated_at": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "archived"?: boolean | null,"created_at"?: string,"default_branch"?: string | null,"deleted_at"?: string | null,"details_delivery"?: string,"details_updated_at"?: string,"id": number,"installation_id"?: number | null,"name": string,"owner": string,"presence_delivery"?: string,"presence_updated_at"?: string,"private"?: boolean | null,"project_id"?: string | null,"source_delivery"?: string,"source_updated_at"?: string,"updated_at"?: string
                  }
                  Update: {
                    "archived"?: boolean | null,"created_at"?: string,"default_branch"?: string | null,"deleted_at"?: string | null,"details_delivery"?: string,"details_updated_at"?: string,"id"?: number,"installation_id"?: number | null,"name"?: string,"owner"?: string,"presence_delivery"?: string,"presence_updated_at"?: string,"private"?: boolean | null,"project_id"?: string | null,"source_delivery"?: string,"source_updated_at"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "repositories_installation_id_fkey"
      columns: ["installation_id"]
isOneToOne: false
      referencedRelation: "installations"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "repositories_project_id_fkey"
      columns: ["project_id"]
isOneToOne: false
      referencedRelation: "projects"
      referencedColumns: ["id"]
    }
                  ]
                },"test_results": {
                  Row: {
                    "artifact_id": string | null,"ci_event_id": string,"ci_job_id": string | null,"commit_sha": string,"created_at": string,"duration_ms": number | null,"file_path": string | null,"id": string,"message": string | null,"name": string,"repository_id": number,"run_attempt": number,"status": string,"suite": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "artifact_id"?: string | null,"ci_event_id": string,"ci_job_id"?: string | null,"commit_sha": string,"created_at"?: string,"duration_ms"?: number | null,"file_path"?: string | null,"id"?: string,"message"?: string | null,"name": string,"repository_id": number,"run_attempt": number,"status": string,"suite": string,"updated_at"?: string
                  }
                  Update: {
                    "artifact_id"?: string | null,"ci_event_id"?: string,"ci_job_id"?: string | null,"commit_sha"?: string,"created_at"?: string,"duration_ms"?: number | null,"file_path"?: string | null,"id"?: string,"message"?: string | null,"name"?: string,"repository_id"?: number,"run_attempt"?: number,"status"?: string,"suite"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "test_results_ci_event_id_fkey"
      columns: ["ci_event_id"]
isOneToOne: false
      referencedRelation: "ci_events"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "test_results_ci_job_id_fkey"
      columns: ["ci_job_id"]
isOneToOne: false
      referencedRelation: "ci_jobs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "test_results_repository_id_fkey"
      columns: ["repository_id"]
isOneToOne: false
      referencedRelation: "repositories"
      referencedColumns: ["id"]
    }
                  ]
                },"webhook_deliveries": {
                  Row: {
                    "action": string | null,"app_id": number,"attempts": number,"available_at": string,"created_at": string,"event": string,"guid": string,"installation_id": number | null,"last_error": string | null,"locked_by": string | null,"locked_until": string | null,"payload": NonNullable<Json>,"processed_at": string | null,"received_at": string,"repository_id": number | null,"status": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "action"?: string | null,"app_id": number,"attempts"?: number,"available_at"?: string,"created_at"?: string,"event": string,"guid": string,"installation_id"?: number | null,"last_error"?: string | null,"locked_by"?: string | null,"locked_until"?: string | null,"payload": NonNullable<Json>,"processed_at"?: string | null,"received_at"?: string,"repository_id"?: number | null,"status"?: string,"updated_at"?: string
                  }
                  Update: {
                    "action"?: string | null,"app_id"?: number,"attempts"?: number,"available_at"?: string,"created_at"?: string,"event"?: string,"guid"?: string,"installation_id"?: number | null,"last_error"?: string | null,"locked_by"?: string | null,"locked_until"?: string | null,"payload"?: NonNullable<Json>,"processed_at"?: string | null,"received_at"?: string,"repository_id"?: number | null,"status"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                }
          }
          Views: {
            [_ in never]: never
          }
          Functions: {
            "claim_deliveries":
{ Args: { "batch": number,"lease_seconds": number,"worker": string }; Returns: {
              "app_id": number,"attempts": number,"event": string,"guid": string,"payload": Json
            }[]
                           },
"claim_jobs":
{ Args: { "batch": number,"lease_seconds": number,"worker": string }; Returns: {
              "agent_type": string,"attempts": number,"id": string,"input": Json
            }[]
                           },
"claim_publications":
{ Args: { "batch": number,"lease_seconds": number,"spacing_ms"?: number,"worker": string }; Returns: {
              "attempts": number,"desired": Json,"desired_hash": string,"generation": number,"github_id": number,"id": string,"installation_id": number,"kind": string,"owner": string,"repo": string,"repository_id": number,"target": string
            }[]
                           },
"complete_job":
{ Args: { "id": string,"result"?: Json,"worker": string }; Returns: undefined
                           },
"complete_publication":
{ Args: { "github_id"?: number,"id": string,"published_conclusion"?: string,"published_hash": string,"worker": string }; Returns: undefined
                           },
"current_runs":
{ Args: { "repository_id": number,"sha": string }; Returns: {
              "actor": string | null,
"branch": string | null,
"commit_sha": string,
"conclusion": string | null,
"created_at": string,
"duration_seconds": number | null,
"end_time": string | null,
"head_repository_id": number | null,
"html_url": string | null,
"id": string,
"project_id": string,
"provider": string,
"pull_request_numbers": (number)[],
"repository_id": number,
"run_attempt": number,
"run_id": string,
"source_delivery": string,
"source_updated_at": string,
"start_time": string | null,
"status": string,
"summary": string | null,
"trigger": string,
"updated_at": string,
"workflow_name": string,
"workflow_path": string | null,
"zones_touched": (string)[] | null
            }[]
                          SetofOptions: {
        from: "*"
        to: "ci_events"
        isOneToOne: false
        isSetofReturn: true
      } },
"dead_deliveries":
{ Args: { "batch": number }; Returns: {
              "event": string,"guid": string,"last_error": string
            }[]
                           },
"defer_publication":
{ Args: { "delay_ms": number,"error": string,"id": string,"pause_installation_ms": number,"worker": string }; Returns: undefined
                           },
"desire_publication":
{ Args: { "desired": Json,"desired_hash": string,"kind": string,"only_if_standing"?: boolean,"recheck"?: boolean,"repository_id": number,"target": string }; Returns: Json
                           },
"environment_of":
{ Args: { "environment_name": string,"rules": Json }; Returns: string
                           },
"facts_of":
{ Args: { "facts": Json,"kind": string }; Returns: Json
                           },
"fail_delivery":
{ Args: { "app_id": number,"dead": boolean,"error": string,"guid": string }; Returns: Json
                           },
"fail_job":
{ Args: { "error": string,"id": string,"worker": string }; Returns: undefined
                           },
"failure_of":
{ Args: { "error_id": string }; Returns: Json
                           },
"glob_matches":
{ Args: { "glob": string,"path": string }; Returns: boolean
                           },
"heads_after":
{ Args: { "repository_id": number,"sha": string }; Returns: string[]
                           },
"ignore_delivery":
{ Args: { "app_id": number,"guid": string,"reason": string }; Returns: undefined
                           },
"inbox_status":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"is_newer":
{ Args: { "provider": string,"source_delivery": string,"source_updated_at": string,"status": string,"than_delivery": string,"than_status": string,"than_updated_at": string }; Returns: boolean
                           },
"list_patterns":
{ Args: { "project_id": string }; Returns: Json
                           },
"merge_ci_events":
{ Args: { "delivery": string,"facts": Json }; Returns: string[]
                           },
"merge_ci_jobs":
{ Args: { "delivery": string,"facts": Json }; Returns: string[]
                           },
"merge_commits":
{ Args: { "delivery": string,"facts": Json }; Returns: undefined
                           },
"merge_deployments":
{ Args: { "delivery": string,"facts": Json,"statuses": Json }; Returns: string[]
                           },
"merge_installations":
{ Args: { "delivery": string,"facts": Json }; Returns: undefined
                           },
"merge_pull_requests":
{ Args: { "delivery": string,"facts": Json }; Returns: undefined
                           },
"merge_repositories":
{ Args: { "delivery": string,"facts": Json }; Returns: undefined
                           },
"park_publication":
{ Args: { "error": string,"id": string,"worker": string }; Returns: undefined
                           },
"queue_follow_ups":
{ Args: { "ci_event_ids": (string)[],"ci_job_ids": (string)[],"deployment_ids": (string)[],"pull_requests": Json,"rechecks": Json }; Returns: number
                           },
"queue_job":
{ Args: { "agent_type": string,"dedupe_key": string,"delay"?: string,"input": Json,"project_id": string }; Returns: undefined
                           },
"read_diagnosis_subject":
{ Args: { "input": Json }; Returns: Json
                           },
"read_pull_requests_of":
{ Args: { "repository_id": number,"sha": string }; Returns: Json
                           },
"read_report":
{ Args: { "pull_request_number": number,"repository_id": number,"sha"?: string }; Returns: Json
                           },
"receive_deliveries":
{ Args: { "heads": Json,"payloads": string }; Returns: {
              "guid": string,"outcome": string
            }[]
                           },
"record_diagnosis":
{ Args: { "diagnosis": Json }; Returns: undefined
                           },
"record_facts":
{ Args: { "app_id"?: number,"facts": Json,"guid"?: string }; Returns: Json
                           },
"release_writer":
{ Args: { "pause_ms"?: number,"publication_id": string,"worker": string }; Returns: undefined
                           },
"replay_deliveries":
{ Args: { "guids"?: (string)[],"statuses"?: (string)[] }; Returns: number
                           },
"retry_job":
{ Args: { "delay_ms": number,"error": string,"id": string,"worker": string }; Returns: undefined
                           },
"retry_pause":
{ Args: { "attempts": number }; Returns: string
                           },
"settle_deployment_runs":
{ Args: { "ci_event_ids": (string)[],"deployment_ids": (string)[] }; Returns: undefined
                           },
"settle_deployments":
{ Args: { "deployment_ids": (string)[] }; Returns: undefined
                           },
"settle_zones":
{ Args: { "ci_event_ids": (string)[],"commits": Json }; Returns: undefined
                           },
"slug_of":
{ Args: { "name": string }; Returns: string
                           },
"status_rank":
{ Args: { "status": string }; Returns: number
                           },
"zones_of":
{ Args: { "files": (string)[],"rules": Json }; Returns: (string)[]
                           }
          }
          Enums: {
            [_ in never]: never
          }
          CompositeTypes: {
            [_ in never]: never
          }
        }
}

type DatabaseWithoutInternals = Omit<Database, '__InternalSupabase'>

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "codered">]

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])[TableName] extends {
      Row: infer R
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
  ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R
    }
    ? R
    : never
  : never

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Insert: infer I
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
  ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I
    }
    ? I
    : never
  : never

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Update: infer U
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
  ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U
    }
    ? U
    : never
  : never

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
  ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
  ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never

export const Constants = {
  "codered": {
          Enums: {
            
          }
        }
} as const
